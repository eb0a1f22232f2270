import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import type { ChatRequest, Json, JsonObject, Turn } from '../../chat/types.ts'
import { outline, readRequest, writeRequest } from './request.ts'

const hello = { role: 'user', content: 'hi' }
const read = (more: JsonObject): ChatRequest => readRequest({ max_tokens: 5, messages: [hello], ...more })
const said = (text: string): Turn => ({ role: 'user', parts: [{ type: 'text', text }] })
const base: ChatRequest = { model: 'm', stream: false, system: [], tools: [], turns: [said('hi')] }
const weather = { name: 'weather', parameters: { type: 'object', properties: { city: { type: 'string' } } } }

function write(more: Partial<ChatRequest>): { body: JsonObject; lost: string[] } {
  const lost: string[] = []
  return { body: writeRequest({ ...base, maxTokens: 5, ...more }, lost), lost }
}

const fixture = (name: string): JsonObject =>
  JSON.parse(readFileSync(new URL(`./fixtures/request-${name}.json`, import.meta.url), 'utf8')) as JsonObject

test('what must be known first', () => {
  const body = { model: 'm', max_tokens: 5, stream: true, messages: [hello] }
  assert.deepEqual(outline(body), { model: 'm', stream: true, wantsUsage: true, maxTokens: 5 })
  assert.deepEqual(outline({ max_tokens: 5, messages: [hello], model: ' ' }).model, 'auto')
  assert.equal(read({}).model, 'auto')
})

test('a request that neutral words can say keeps nothing', () => {
  const more = { model: 'm', stream: true, temperature: 0.5, metadata: { user_id: 'u' }, system: 'Be brief.' }
  assert.equal(read(more).extra, undefined)
})

test('the attribution of Claude Code never becomes part of the prompt, and stays in its own dialect', () => {
  const body = fixture('agent')
  const request = readRequest(body)
  assert.deepEqual(
    request.system.map((part) => part.text),
    ['You are an agent that edits files.', 'The working folder is /tmp/example.'],
  )
  assert.deepEqual(writeRequest(request, []), body)
  const line = 'x-anthropic-billing-header: cc_version=1; cch=12345;'
  assert.deepEqual(read({ system: `${line}\n\nBe brief.` }).system, [{ type: 'text', text: 'Be brief.' }])
  assert.deepEqual(read({ system: line }).system, [])
  // Negative control: the same words elsewhere are the client's.
  assert.equal(read({ system: `Never say ${line}` }).system[0]?.text, `Never say ${line}`)
})

test('tools have a schema of type object, and a choice only beside tools', () => {
  const tools = [
    weather,
    { name: 'files.read', description: 'd', parameters: true, strict: true },
    { name: 'odd', parameters: { properties: {} } },
  ]
  assert.deepEqual(write({ tools }).body.tools, [
    { name: 'weather', input_schema: weather.parameters },
    {
      name: 'esc_files-2eread',
      description: 'd',
      input_schema: { type: 'object', properties: {} },
      strict: true,
    },
    { name: 'odd', input_schema: { type: 'object', properties: {} } },
  ])
  const choice = (more: Partial<ChatRequest>): Json | undefined => write({ tools, ...more }).body.tool_choice
  assert.equal(choice({}), undefined)
  assert.deepEqual(choice({ toolChoice: 'auto' }), { type: 'auto' })
  assert.deepEqual(choice({ toolChoice: 'none', parallelTools: false }), { type: 'none' })
  assert.deepEqual(choice({ toolChoice: 'required' }), { type: 'any' })
  assert.deepEqual(choice({ toolChoice: { name: 'files.read' } }), { type: 'tool', name: 'esc_files-2eread' })
  assert.deepEqual(choice({ parallelTools: false }), { type: 'auto', disable_parallel_tool_use: true })
  assert.equal(choice({ parallelTools: true }), undefined)
  assert.equal(choice({ tools: [], toolChoice: 'required' }), undefined)
})

test('a tool choice is read with its wish for one call at a time', () => {
  const chosen = (tool_choice: JsonObject): Json => {
    const { toolChoice = null, parallelTools = null } = read({ tool_choice })
    return [toolChoice, parallelTools]
  }
  assert.deepEqual(chosen({ type: 'any', disable_parallel_tool_use: true }), ['required', false])
  assert.deepEqual(chosen({ type: 'tool', name: 'f', disable_parallel_tool_use: false }), [
    { name: 'f' },
    true,
  ])
  assert.deepEqual(chosen({ type: 'none' }), ['none', null])
  assert.deepEqual(chosen({ type: 'choice_of_2099' }), [null, null])
})

test('what only this service understands can still be read', () => {
  const body = { max_tokens: 5, messages: [{ role: 'system', content: 'alone' }], model: 'm' }
  assert.equal(readRequest(body).system[0]?.text, 'alone')
})

test('JSON without a schema is asked for in words', () => {
  const { body, lost } = write({ format: {} })
  assert.match(String(body.system), /one JSON object/)
  assert.deepEqual(lost, ['structured output asked for by instruction'])
  const schema = { type: 'object' }
  assert.deepEqual(write({ format: { schema, name: 'x', strict: true } }).body.output_config, {
    format: { type: 'json_schema', schema },
  })
  assert.deepEqual(read({ output_format: { type: 'json_schema', schema } }).format, { schema })
})

test('a request member named like a prototype harms nothing', () => {
  const body = JSON.parse(
    '{"max_tokens":5,"messages":[{"role":"user","content":"hi"}],"__proto__":{"model":"evil"}}',
  ) as JsonObject
  const written = writeRequest(readRequest(body), [])
  assert.equal(written.model, 'auto')
  assert.equal(Object.getPrototypeOf(written), Object.prototype)
})
