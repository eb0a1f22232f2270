import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ChatRequest, Json, JsonObject, Part, Turn } from '../../chat/types.ts'
import { readRequest, writeRequest } from './request.ts'

const hello = { role: 'user', content: 'hi' }
const read = (more: JsonObject): ChatRequest => readRequest({ max_tokens: 5, messages: [hello], ...more })
const said = (text: string): Turn => ({ role: 'user', parts: [{ type: 'text', text }] })
const base: ChatRequest = { model: 'm', stream: false, system: [], tools: [], turns: [said('hi')] }
const weather = { name: 'weather', parameters: { type: 'object', properties: { city: { type: 'string' } } } }

function write(more: Partial<ChatRequest>): { body: JsonObject; lost: string[] } {
  const lost: string[] = []
  return { body: writeRequest({ ...base, maxTokens: 5, ...more }, lost), lost }
}

test('reasoning in all its forms', () => {
  const reasoningOf = (thinking: Json, output_config: Json = null): unknown =>
    read({ thinking, output_config }).reasoning
  assert.deepEqual(reasoningOf({ type: 'enabled', budget_tokens: 2000 }), { maxTokens: 2000 })
  assert.deepEqual(reasoningOf({ type: 'enabled', budget_tokens: 2000 }, { effort: 'low' }), {
    effort: 'low',
    maxTokens: 2000,
  })
  assert.deepEqual(reasoningOf({ type: 'enabled' }), { effort: 'medium' })
  assert.deepEqual(reasoningOf({ type: 'disabled' }, { effort: 'max' }), { effort: 'none' })
  assert.deepEqual(reasoningOf({ type: 'adaptive' }, { effort: 'xhigh' }), { effort: 'xhigh' })
  assert.equal(reasoningOf({ type: 'adaptive' }), undefined)
  assert.equal(reasoningOf(null), undefined)
  assert.equal(reasoningOf(null, { effort: 'ultra' }), undefined)
})

test('an effort becomes adaptive thinking, a budget stays one and leaves room for the answer', () => {
  const think = (more: Partial<ChatRequest>): Json[] => {
    const {
      thinking = null,
      output_config = null,
      max_tokens = null,
    } = write({ maxTokens: 9000, ...more }).body
    return [thinking, output_config, max_tokens]
  }
  assert.deepEqual(think({ reasoning: { effort: 'none' } }), [{ type: 'disabled' }, null, 9000])
  assert.deepEqual(think({ reasoning: { effort: 'minimal' } }), [
    { type: 'adaptive' },
    { effort: 'low' },
    9000,
  ])
  assert.deepEqual(think({ reasoning: { effort: 'max' } }), [{ type: 'adaptive' }, { effort: 'max' }, 9000])
  const budget = (budget_tokens: number): JsonObject => ({ type: 'enabled', budget_tokens })
  assert.deepEqual(think({ reasoning: { maxTokens: 10 } }), [budget(1024), null, 9000])
  assert.deepEqual(think({ reasoning: { maxTokens: 20_000 } }), [budget(8999), null, 9000])
  assert.deepEqual(think({ reasoning: { maxTokens: 2000 }, maxTokens: 1024 }), [null, null, 1024])
  const open = writeRequest({ ...base, reasoning: { maxTokens: 20_000 } }, [])
  assert.deepEqual([open.thinking, open.max_tokens], [budget(20_000), 28_192])
})

test('reasoning gives way to a forced tool, and a budget to calls whose thinking is gone', () => {
  const tools = [weather]
  const forced = write({ tools, toolChoice: 'required', reasoning: { effort: 'high' } })
  assert.deepEqual(forced.body.thinking, undefined)
  assert.deepEqual(forced.lost, ['reasoning dropped because a tool is forced'])
  assert.deepEqual(write({ tools, toolChoice: 'auto', reasoning: { effort: 'high' } }).lost, [])
  const loop = (...parts: Part[]): readonly Turn[] => [
    said('hi'),
    { role: 'assistant', parts: [...parts, { type: 'tool-call', id: 'a', name: 'weather', args: '' }] },
    { role: 'user', parts: [{ type: 'tool-result', id: 'a', text: '18' }] },
  ]
  const budget = { maxTokens: 9000, reasoning: { maxTokens: 2000 } }
  assert.equal(write({ ...budget, turns: loop() }).body.thinking, undefined)
  const signed: Part = { type: 'reasoning', text: 'hm', signature: 's' }
  assert.notEqual(write({ ...budget, turns: loop(signed) }).body.thinking, undefined)
})

test('sampling that the service refuses to combine is left out and told', () => {
  const sampling = (more: Partial<ChatRequest>): Json[] => {
    const { body, lost } = write(more)
    return [body.temperature ?? null, body.top_p ?? null, body.top_k ?? null, lost]
  }
  assert.deepEqual(sampling({ temperature: 1.5 }), [1, null, null, ['temperature lowered to 1']])
  assert.deepEqual(sampling({ temperature: 0.5, topP: 0.9, topK: 5 }), [0.5, null, 5, ['top_p dropped']])
  assert.deepEqual(sampling({ temperature: 0.5, topP: 1 }), [0.5, null, null, []])
  assert.deepEqual(sampling({ topP: 0.9 }), [null, 0.9, null, []])
  const reasoning = { effort: 'high' } as const
  assert.deepEqual(sampling({ reasoning, temperature: 1, topK: 5 }), [1, null, null, ['top_k dropped']])
  assert.deepEqual(sampling({ reasoning, temperature: 0.5, topP: 0.99 }), [
    null,
    0.99,
    null,
    ['temperature dropped'],
  ])
  assert.deepEqual(sampling({ reasoning, topP: 0.5 }), [null, null, null, ['top_p dropped']])
  assert.deepEqual(sampling({ reasoning: { effort: 'none' }, temperature: 0.5 })[0], 0.5)
})

test('what has no word here is told, unless it says nothing', () => {
  const more = {
    minP: 0.1,
    frequencyPenalty: 1,
    presencePenalty: 1,
    repeatPenalty: 1.1,
    seed: 0,
    logprobs: 0,
  }
  assert.deepEqual(write(more).lost, [
    'min_p dropped',
    'frequency_penalty dropped',
    'presence_penalty dropped',
    'repetition_penalty dropped',
    'seed dropped',
    'logprobs dropped',
  ])
  assert.deepEqual(write({ minP: 0, frequencyPenalty: 0, presencePenalty: 0, repeatPenalty: 1 }).lost, [])
  const { body, lost } = write({ stop: ['\n', 'END'] })
  assert.deepEqual([body.stop_sequences, lost], [['END'], ['stop of white space dropped']])
  const told: string[] = []
  assert.equal(writeRequest(base, told).max_tokens, 8192)
  assert.deepEqual(told, ['max_tokens set to 8192'])
})
