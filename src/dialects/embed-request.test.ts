import assert from 'node:assert/strict'
import { test } from 'node:test'
import { foldEvents } from '../chat/fold.ts'
import type { Json, JsonObject } from '../chat/types.ts'
import { RequestError } from '../errors.ts'
import { ollamaEmbed } from './ollama-embed/index.ts'
import { ollamaEmbeddings } from './ollama-embeddings/index.ts'
import { openaiEmbeddings } from './openai-embeddings/index.ts'

const now = 0

test('a request of one kind becomes one of the other', () => {
  const asked = openaiEmbeddings.readRequest({
    model: 'nomic-embed-text',
    input: ['a', 'b'],
    dimensions: 64,
    encoding_format: 'base64',
    user: 'u',
    input_type: 'query',
  })
  assert.deepEqual(openaiEmbeddings.untold(asked), ['input_type dropped'])
  assert.deepEqual(ollamaEmbed.writeRequest(asked, []), {
    model: 'nomic-embed-text',
    input: ['a', 'b'],
    dimensions: 64,
  })
  const native = ollamaEmbed.readRequest({ model: 'm', input: 'a', truncate: true, keep_alive: 0 })
  assert.deepEqual(ollamaEmbed.untold(native), [])
  assert.deepEqual(openaiEmbeddings.writeRequest(native, []), { model: 'm', input: ['a'] })
  const older = ollamaEmbeddings.readRequest({ model: 'm', prompt: 'a', options: {} })
  assert.deepEqual(ollamaEmbed.writeRequest(older, []), { model: 'm', input: ['a'] })
})

test('tokens go only where they are understood', () => {
  const tokens = openaiEmbeddings.readRequest({ model: 'm', input: [1, 2, 3] })
  assert.deepEqual(tokens.embed?.inputs, [[1, 2, 3]])
  assert.deepEqual(openaiEmbeddings.writeRequest(tokens, []), { model: 'm', input: [1, 2, 3] })
  for (const write of [ollamaEmbed.writeRequest, openaiEmbeddings.untold])
    assert.throws(() => write(tokens, []), RequestError)
})

test('a question is refused where vectors are made', () => {
  const question = { model: 'm', stream: false, system: [], turns: [], tools: [] }
  for (const { writeRequest } of [openaiEmbeddings, ollamaEmbed, ollamaEmbeddings])
    assert.throws(() => writeRequest(question, []), RequestError)
})

const asked = (encoding_format?: string): { usage: false; now: number; request: JsonObject } => ({
  usage: false,
  now,
  request: encoding_format === undefined ? {} : { encoding_format },
})
const numbers = {
  data: [{ index: 0, embedding: [1] }],
  model: 'm',
  usage: { prompt_tokens: 3, total_tokens: 3 },
}
const base64 = { ...numbers, data: [{ index: 0, embedding: 'AACAPw==' }] }

test('vectors go out in the form the client asked for, whichever the upstream chose', () => {
  const rows: readonly (readonly [Json, string | undefined, Json, boolean])[] = [
    [numbers, undefined, [1], true],
    [numbers, 'float', [1], true],
    [numbers, 'base64', 'AACAPw==', false],
    [base64, 'base64', 'AACAPw==', true],
    [base64, undefined, [1], false],
  ]
  for (const [answer, format, expected, asIs] of rows) {
    const events = openaiEmbeddings.readResult(answer)
    const { data } = openaiEmbeddings.writeResult(events, asked(format)) as { data: JsonObject[] }
    assert.deepEqual(data[0]?.embedding, expected)
    assert.equal(openaiEmbeddings.asAsked?.(events, asked(format)), asIs)
    assert.deepEqual(ollamaEmbed.writeResult(events, asked()).embeddings, [[1]])
  }
})

test('usage and order survive', () => {
  const data = [
    { index: 1, embedding: [2] },
    { index: 0, embedding: [1] },
  ]
  const events = openaiEmbeddings.readResult({ ...numbers, data })
  assert.deepEqual(foldEvents(events).vectors, [[1], [2]])
  assert.deepEqual(foldEvents(events).usage, { input: 3, output: 0 })
  assert.equal(ollamaEmbed.writeResult(events, asked()).prompt_eval_count, 3)
  assert.deepEqual(ollamaEmbeddings.writeResult(events, asked()), { embedding: [1] })
  // Without sound numbers the order they came in is all there is.
  const unnumbered = data.map(({ embedding }) => ({ index: 0, embedding }))
  assert.deepEqual(foldEvents(openaiEmbeddings.readResult({ data: unnumbered })).vectors, [[2], [1]])
})

test('check names the member at fault', () => {
  const rows: readonly (readonly [typeof openaiEmbeddings, Json, string | undefined])[] = [
    [openaiEmbeddings, { model: 'm' }, 'input'],
    [openaiEmbeddings, { model: 'm', input: '' }, 'input'],
    [openaiEmbeddings, { model: 'm', input: [] }, 'input'],
    [openaiEmbeddings, { model: 'm', input: [1, 'a'] }, 'input'],
    [openaiEmbeddings, { model: 5, input: 'a' }, 'model'],
    [openaiEmbeddings, { input: 'a', dimensions: '5' }, 'dimensions'],
    [ollamaEmbed, { input: [1] }, 'input'],
    [ollamaEmbed, { input: 'a', truncate: 1 }, 'truncate'],
    [ollamaEmbeddings, { input: 'a' }, 'prompt'],
  ]
  for (const [dialect, body, param] of rows)
    assert.equal(dialect.check(body)?.param, param, `${dialect.name} ${JSON.stringify(body)}`)
  const fine: readonly Json[] = ['a', ['a', 'b'], [1, 2], [[1], [2, 3]], [{ content: [] }]]
  for (const input of fine) assert.equal(openaiEmbeddings.check({ model: 'm', input }), undefined)
})
