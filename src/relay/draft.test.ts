import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Capability } from '../chat/types.ts'
import { dialectNamed } from '../dialects/index.ts'
import { draftFromBytes } from './draft.ts'

const openai = dialectNamed('openai-chat')
const ollama = dialectNamed('ollama')
const draft = (text: string) => draftFromBytes(openai, Buffer.from(text))
const bytes = (slices: Uint8Array[]): string => Buffer.concat(slices).toString()

test('in its own dialect a draft hands on the client’s bytes, with only the model exchanged', () => {
  const sent = '{ "messages": [ {"role":"user","content":"hi"} ],  "model":"auto", "x_unknown": [1, 2.50] }'
  assert.equal(
    bytes(draft(sent).as(openai, () => ({ model: 'a/b:free' }), [])),
    sent.replace('"auto"', '"a/b:free"'),
  )
})

test('a model that is already right leaves the very same buffer', () => {
  const sent = Buffer.from('{"model":"a/b","messages":[{"role":"user","content":"hi"}]}')
  assert.equal(draftFromBytes(openai, sent).as(openai, () => ({ model: 'a/b' }), [])[0], sent)
})

test('no model, an empty one and "auto" all mean auto', () => {
  for (const member of ['', '"model":"",', '"model":"auto",']) {
    assert.equal(draft(`{${member}"messages":[{"role":"user","content":"hi"}]}`).model, 'auto')
  }
})

test('in another dialect a draft is translated, and says what it needs', () => {
  const asked = draft(
    JSON.stringify({
      messages: [
        { role: 'user', content: [{ type: 'image_url', image_url: { url: 'data:image/png;base64,aGk=' } }] },
      ],
      tools: [{ type: 'function', function: { name: 'f' } }],
      logit_bias: { 1: 2 },
    }),
  )
  const lost: string[] = []
  const body = JSON.parse(bytes(asked.as(ollama, () => ({ model: 'm' }), lost))) as {
    messages: { images: string[] }[]
    model: string
    stream: boolean
  }
  assert.deepEqual([body.model, body.stream, body.messages[0]?.images], ['m', false, ['aGk=']])
  assert.deepEqual(asked.needs(), ['tools', 'images'])
  assert.match(lost.join(), /logit_bias/)
})

test('a wish about thinking goes only where the model thinks, and nobody is told where it changes nothing', () => {
  const sent = (think: boolean, capabilities?: readonly Capability[]): unknown => {
    const asked = draftFromBytes(
      ollama,
      Buffer.from(JSON.stringify({ messages: [{ role: 'user', content: 'hi' }], think })),
    )
    const lost: string[] = []
    const body = JSON.parse(bytes(asked.as(openai, () => ({ model: 'm' }), lost, { capabilities }))) as {
      reasoning_effort?: string
    }
    return [body.reasoning_effort, lost.length]
  }
  assert.deepEqual(sent(false, ['reasoning']), ['none', 0])
  assert.deepEqual(sent(false, ['tools']), [undefined, 0])
  assert.deepEqual(sent(false), [undefined, 1])
  assert.deepEqual(sent(true, ['reasoning']), ['medium', 0])
  assert.deepEqual(sent(true, ['tools']), [undefined, 1])
  assert.deepEqual(sent(true), ['medium', 0])
})

test('what is wrong is said, with the member at fault', () => {
  const cases: [string, RegExp][] = [
    ['', /empty/],
    ['{"messages":', /not valid JSON/],
    ['[]', /object/],
    ['{}', /messages/],
    ['{"messages":"hi"}', /messages/],
    ['{"messages":[]}', /messages/],
    ['{"messages":[{"role":"user","content":"a"}],"stream":"yes"}', /stream/],
    ['{"messages":[{"role":"user","content":"a"}],"model":"a","model":"b"}', /'model' stands twice/],
    [
      `{"messages":[{"role":"user","content":"a"}],"model":"${'a'.repeat(300)}"}`,
      /'model' is longer than 256/,
    ],
    [
      `{"messages":[{"role":"user","content":"a"}],"x":${'['.repeat(200)}${']'.repeat(200)}}`,
      /deeper than 128/,
    ],
  ]
  for (const [text, expected] of cases) assert.throws(() => draft(text), expected, text.slice(0, 80))
  assert.throws(() => draftFromBytes(openai, Buffer.from([0x7b, 0xff, 0x7d])), /UTF-8/)
})

test('a request of any dialect that is nested too deep is refused, wherever its depth stands', () => {
  const [open, close] = ['{"type":"namespace","name":"n","tools":[', ']}']
  const namespaces = `{"input":"hi","tools":[${open.repeat(20_000)}${close.repeat(20_000)}]}`
  const responses = dialectNamed('openai-responses')
  assert.throws(() => draftFromBytes(responses, Buffer.from(namespaces)), /deeper than 128/)
})
