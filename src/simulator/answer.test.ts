import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { answerTo, base64Bytes, piecesOf, type Question } from './answer.ts'
import { exampleOf } from './schema-example.ts'

const hello: Question = {
  promptChars: 11,
  lastUserText: 'Hello there',
  toolResult: undefined,
  tools: [],
  toolChoice: 'auto',
  oneToolCall: false,
  imageBytes: [],
  schema: undefined,
  wantsReasoning: false,
  maxTokens: undefined,
  stop: [],
}
const weather = {
  name: 'get_weather',
  parameters: { type: 'object', properties: { city: { type: 'string' }, days: { type: 'integer' } } },
}

test('the answer says what was said, and counts a token per four characters', () => {
  const answer = answerTo(hello)
  assert.equal(answer.text, 'You said: Hello there')
  assert.deepEqual([answer.promptTokens, answer.outputTokens, answer.finish], [3, 6, 'stop'])
})

test('"repeat N words" gives that many', () => {
  const { text } = answerTo({ ...hello, lastUserText: 'please repeat 300 words' })
  assert.equal(text?.split(' ').length, 300)
})

test('a tool that is named is called; one that is not, is not', () => {
  const named = answerTo({ ...hello, lastUserText: 'use get_weather', tools: [weather] })
  assert.deepEqual(named.toolCalls, [{ name: 'get_weather', arguments: { city: 'example', days: 1 } }])
  assert.equal(named.finish, 'tool_calls')
  assert.equal(answerTo({ ...hello, tools: [weather] }).toolCalls.length, 0)
  assert.equal(answerTo({ ...hello, tools: [weather], toolChoice: 'required' }).toolCalls.length, 1)
  const told = { ...hello, lastUserText: 'Call at least one of the given tools.', tools: [weather] }
  assert.equal(answerTo(told).toolCalls.length, 1)
})

test('a tool result is answered in words', () => {
  const answer = answerTo({
    ...hello,
    tools: [weather],
    lastUserText: 'get_weather',
    toolResult: '12 degrees',
  })
  assert.equal(answer.text, 'The tool answered: 12 degrees')
})

test('images are counted and measured', () => {
  const answer = answerTo({ ...hello, imageBytes: [base64Bytes('AAAA'), base64Bytes('AAAAAA==')] })
  assert.equal(answer.text, 'I see 2 images (3 bytes, 4 bytes). You said: Hello there')
})

test('tokens run out on reasoning first', () => {
  const answer = answerTo({ ...hello, wantsReasoning: true, maxTokens: 3 })
  assert.deepEqual([answer.text, answer.finish, answer.reasoningTokens], ['', 'length', 3])
  const cut = answerTo({ ...hello, maxTokens: 2 })
  assert.deepEqual([cut.text, cut.finish, cut.outputTokens], ['You said', 'length', 2])
})

test('a stop sequence ends the answer', () => {
  assert.equal(answerTo({ ...hello, stop: [' there'] }).text, 'You said: Hello')
})

test('an example fits its schema', () => {
  const schema = {
    type: 'object',
    required: ['name', 'kind', 'list', 'ref', 'maybe'],
    properties: {
      name: { type: 'string', minLength: 10 },
      kind: { enum: ['a', 'b'] },
      list: { type: 'array', items: { type: 'number', minimum: 5 }, minItems: 2 },
      ref: { $ref: '#/$defs/leaf' },
      maybe: { anyOf: [{ type: ['null', 'boolean'] }, { type: 'string' }] },
      unused: { type: 'string' },
    },
    $defs: { leaf: { type: 'object', properties: { ok: { const: 7 } } } },
  }
  assert.deepEqual(exampleOf(schema), {
    name: 'examplexxx',
    kind: 'a',
    list: [5, 5],
    ref: { ok: 7 },
    maybe: true,
  })
})

test('a schema that refers to itself comes to an end', () => {
  const schema = { $ref: '#/$defs/node', $defs: { node: { properties: { next: { $ref: '#/$defs/node' } } } } }
  assert.ok(JSON.stringify(exampleOf(schema)).length < 500)
})

test('pieces joined are the text', () => {
  fc.assert(
    fc.property(fc.string(), fc.integer({ min: 1, max: 4 }), (text, words) => {
      assert.equal([...piecesOf(text, words)].join(''), text)
    }),
  )
})

test('a stop sequence ends the text, and is named unless the tokens ran out before', () => {
  const stopped = answerTo({ ...hello, stop: ['there', 'lo'] })
  assert.deepEqual([stopped.text, stopped.stoppedBy, stopped.finish], ['You said: Hel', 'lo', 'stop'])
  const cut = answerTo({ ...hello, stop: ['there'], maxTokens: 1 })
  assert.deepEqual([cut.text, cut.stoppedBy, cut.finish], ['You ', null, 'length'])
})
