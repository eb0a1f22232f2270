import assert from 'node:assert/strict'
import { test } from 'node:test'
import { dialectNamed } from '../dialects/index.ts'
import { isRouterError } from '../errors.ts'
import { createGate } from './gate.ts'

const openai = dialectNamed('openai-chat')
const ollama = dialectNamed('ollama')
const responses = dialectNamed('openai-responses')
const anthropic = dialectNamed('anthropic')

function pass(
  chunks: readonly string[],
  dialect = openai,
): { passed: string; rest: string; closed: boolean } {
  const gate = createGate(dialect)
  const passed = chunks.map((chunk) => Buffer.from(gate.push(Buffer.from(chunk))).toString()).join('')
  return { passed, rest: Buffer.from(gate.rest()).toString(), closed: gate.closed }
}

/** The text in three parts, cut at every two places. */
function* cuts(text: string): Generator<string[]> {
  for (let first = 0; first <= text.length; first++) {
    for (let second = first; second <= text.length; second++) {
      yield [text.slice(0, first), text.slice(first, second), text.slice(second)].filter(
        (part) => part !== '',
      )
    }
  }
}

test('everything before the end mark passes at once, the mark is held, wherever the bytes are cut', () => {
  for (const text of ['data: {"x":"y"}\n\n', 'data: {"x":"y"}\r\n\r\n', ': c\n\n']) {
    const lineEnd = text.includes('\r') ? '\r\n\r\n' : '\n\n'
    for (const parts of cuts(`${text}data: [DONE]${lineEnd}`)) {
      const { passed, rest, closed } = pass(parts)
      assert.deepEqual([passed, rest, closed], [text, `data: [DONE]${lineEnd}`, true], JSON.stringify(parts))
    }
  }
})

test('nothing of an error line passes, and nothing after it, wherever the bytes are cut', () => {
  const errors = [
    'data: {"error":{"message":"busy"}}',
    'data: {"choices":[{"finish_reason":"error"}]}',
    'data: {"choices":[{"delta":{},"error":{"message":"busy"}}]}',
  ]
  for (const error of errors) {
    for (const parts of cuts(`data: {"a":1}\n\n${error}\n\ndata: [DONE]\n\n`)) {
      assert.deepEqual(pass(parts).passed, 'data: {"a":1}\n\n', JSON.stringify(parts))
    }
  }
})

test('in Anthropic Messages the mark and an error are held with the line that names them, wherever they are cut', () => {
  const text = 'event: ping\ndata: {"type":"ping"}\n\n'
  const mark = 'event: message_stop\ndata: {"type":"message_stop"}\n\n'
  const error = 'event: error\ndata: {"type":"error","error":{"type":"x","message":"y"}}\n\n'
  for (const parts of cuts(text + mark))
    assert.deepEqual(
      pass(parts, anthropic),
      { passed: text, rest: mark, closed: true },
      JSON.stringify(parts),
    )
  for (const parts of cuts(text + error))
    assert.deepEqual(pass(parts, anthropic).passed, text, JSON.stringify(parts))
  const words = 'data: {"type":"content_block_delta","delta":{"type":"text_delta","text":"message_stop"}}\n\n'
  assert.deepEqual(pass([words], anthropic), { passed: words, rest: '', closed: false })
})

test('an error at the end of a burst is found, however long its own line is', () => {
  const burst = 'data: {"a":1}\n\n'.repeat(2000)
  for (const length of [1, 10_000]) {
    const error = `data: {"error":{"message":"${'x'.repeat(length)}"}}\n\n`
    assert.equal(pass([`${burst}${error}data: [DONE]\n\n`]).passed, burst)
  }
})

test('what only looks like an end or an error passes', () => {
  const texts = [
    'data: {"content":"say data: [DONE]"}\n\n',
    'data: {"choices":[{"delta":{"content":"{\\"error\\": 1}"}}],"error":null}\n\n',
    'data: {"choices":[{"delta":{"content":"x"},\ndata: "error":null}]}\n\n',
  ]
  for (const text of texts) assert.deepEqual(pass([text]), { passed: text, rest: '', closed: false })
})

test('half a line waits for its rest, and one without end is refused', () => {
  const gate = createGate(openai)
  assert.equal(gate.push(Buffer.from('data: {"x"')).length, 0)
  assert.equal(Buffer.from(gate.push(Buffer.from(':1}\n'))).toString(), 'data: {"x":1}\n')
  assert.equal(gate.push(Buffer.from('data: y\r')).length, 0, 'a CR may be half of a line end')
  assert.equal(Buffer.from(gate.push(Buffer.from('\n'))).toString(), 'data: y\r\n')
  const block = Buffer.alloc(1024 * 1024, 'x')
  assert.throws(
    () => {
      for (let count = 0; count < 5; count++) gate.push(block)
    },
    (error) => isRouterError(error) && error.code === 'frame_too_large',
  )
})

test('without a fixed end mark the last line is held, whole or not, and no other', () => {
  for (const end of ['\n', '\r\n', '\n\n', '\r\n\r\n', '']) {
    const text = `{"message":{"content":"hi"}}\n{"message":{"content":"ho"}}\n{"done":true}${end}`
    for (const parts of cuts(text)) {
      const { passed, rest } = pass(parts, ollama)
      assert.equal(passed + rest, text)
      assert.ok(rest.includes('"done":true'))
      if (end !== '') assert.ok(passed.endsWith('"ho"}}\n'), `${JSON.stringify(parts)}: ${rest}`)
    }
  }
  assert.deepEqual(pass(['{"a":1}\n', '{"error":"busy"}\n'], ollama), {
    passed: '{"a":1}\n',
    rest: '',
    closed: true,
  })
})

test('where such an answer breaks off, its whole lines pass all the same', () => {
  const left = (chunks: readonly string[], dialect = ollama): string => {
    const gate = createGate(dialect)
    const passed = chunks.map((chunk) => Buffer.from(gate.push(Buffer.from(chunk))))
    return Buffer.concat([...passed, gate.left()]).toString()
  }
  assert.equal(left(['{"a":1}\n{"b":2}\n{"c"']), '{"a":1}\n{"b":2}\n')
  assert.equal(left(['{"a":1}\n', '{"error":"busy"}\n']), '{"a":1}\n')
  assert.equal(left(['data: {"a":1}\n\ndata: [DONE]\n\n'], openai), 'data: {"a":1}\n\n')
})

test('a last event with the whole answer in it is held, its name included, wherever the bytes are cut', () => {
  const event = (type: string, more: string): string => `event: ${type}\ndata: {"type":"${type}",${more}}\n\n`
  const before = event('response.output_text.delta', '"delta":"response.completed"')
  for (const type of ['response.completed', 'response.incomplete']) {
    const end = event(type, '"response":{"error":null,"output":[]}')
    for (const parts of cuts(before + end)) {
      const { passed, rest, closed } = pass(parts, responses)
      assert.deepEqual([passed, rest.trimEnd(), closed], [before, end.trimEnd(), true], JSON.stringify(parts))
    }
  }
  const long = event(
    'response.completed',
    `"response":{"output":[],"error":null,"x":"${'x'.repeat(100_000)}"}`,
  )
  assert.deepEqual(pass([before + long], responses), { passed: before, rest: long, closed: true })
  const failed = event('response.failed', '"response":{"error":{"message":"busy"}}')
  for (const error of [failed, event('error', '"message":"busy"')])
    assert.equal(pass([before + error + failed], responses).passed, before)
})
