import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ChatRequest, JsonObject, Part, Turn } from '../../chat/types.ts'
import { RequestError } from '../../errors.ts'
import { writeId } from './names.ts'
import { writeRequest } from './request.ts'

const said = (text: string): Turn => ({ role: 'user', parts: [{ type: 'text', text }] })
const base: ChatRequest = { model: 'm', stream: false, system: [], tools: [], turns: [said('hi')] }

function write(more: Partial<ChatRequest>): { body: JsonObject; lost: string[] } {
  const lost: string[] = []
  return { body: writeRequest({ ...base, maxTokens: 5, ...more }, lost), lost }
}

const refusal =
  (param: string, words: RegExp) =>
  (error: unknown): boolean =>
    error instanceof RequestError && error.param === param && words.test(error.message)

test('turns of one role become one message, with all results first', () => {
  const result = (id: string): Turn => ({ role: 'user', parts: [{ type: 'tool-result', id, text: id }] })
  const call = (id: string): Part => ({ type: 'tool-call', id, name: 'weather', args: '{"city":"Oslo"}' })
  const image: Part = { type: 'image', mediaType: 'image/png', data: 'AAAA' }
  const { body } = write({
    turns: [
      said('one'),
      { role: 'assistant', parts: [{ type: 'text', text: ' ' }, call('a'), call('call:b')] },
      { role: 'user', parts: [{ type: 'tool-result', id: 'call:b', text: 'no', failed: true }, image] },
      said('and now?'),
      result('a'),
    ],
  })
  const id = writeId('call:b')
  const input = { city: 'Oslo' }
  assert.deepEqual(body.messages, [
    { role: 'user', content: 'one' },
    {
      role: 'assistant',
      content: [
        { type: 'tool_use', id: 'a', name: 'weather', input },
        { type: 'tool_use', id, name: 'weather', input },
      ],
    },
    {
      role: 'user',
      content: [
        { type: 'tool_result', tool_use_id: id, content: 'no', is_error: true },
        { type: 'tool_result', tool_use_id: 'a', content: 'a' },
        { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AAAA' } },
        { type: 'text', text: 'and now?' },
      ],
    },
  ])
})

test('files, images by address and cache marks', () => {
  const cache = { type: 'ephemeral' }
  const { body } = write({
    system: [{ type: 'text', text: 'Be brief.', cache }],
    turns: [
      {
        role: 'user',
        parts: [
          { type: 'image-url', url: 'https://example.com/a.png' },
          { type: 'file', mediaType: 'application/pdf', data: 'JVBERi0=', name: 'a.pdf' },
          { type: 'file', mediaType: 'text/csv', data: Buffer.from('a,b').toString('base64') },
          { type: 'text', text: 'What?', cache },
        ],
      },
    ],
  })
  assert.deepEqual(body.system, [{ type: 'text', text: 'Be brief.', cache_control: cache }])
  assert.deepEqual((body.messages as JsonObject[])[0]?.content, [
    { type: 'image', source: { type: 'url', url: 'https://example.com/a.png' } },
    {
      type: 'document',
      source: { type: 'base64', media_type: 'application/pdf', data: 'JVBERi0=' },
      title: 'a.pdf',
    },
    { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'a,b' } },
    { type: 'text', text: 'What?', cache_control: cache },
  ])
})

test('what cannot be written without changing the question is refused', () => {
  const ask =
    (...parts: Part[]) =>
    () =>
      write({ turns: [{ role: 'user', parts }] })
  assert.throws(
    ask({ type: 'image-url', url: 'data:image/svg+xml,<svg/>' }),
    refusal('messages', /not base64/),
  )
  assert.throws(ask({ type: 'file', mediaType: 'audio/wav', data: '' }), refusal('messages', /"audio\/wav"/))
  assert.throws(ask({ type: 'text', text: ' ' }), refusal('messages', /nothing that can be asked/))
})

test('system messages between turns and reasoning without a signature are told', () => {
  const turns: Turn[] = [
    {
      role: 'assistant',
      parts: [
        { type: 'reasoning', text: 'hm' },
        { type: 'text', text: 'Hello.' },
      ],
    },
    { role: 'system', parts: [{ type: 'text', text: 'In German.' }] },
    said('hi'),
  ]
  const { body, lost } = write({ turns })
  assert.deepEqual(lost, [
    'reasoning without a signature dropped',
    'system message between turns sent as text of the user',
  ])
  assert.deepEqual((body.messages as JsonObject[])[1]?.content, [
    { type: 'text', text: '<system-reminder>\nIn German.\n</system-reminder>' },
    { type: 'text', text: 'hi' },
  ])
})
