import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Json, JsonObject, Part, Turn } from '../../chat/types.ts'
import { readRequest } from './request.ts'

const hello = { role: 'user', content: 'hi' }
const said = (text: string): Turn => ({ role: 'user', parts: [{ type: 'text', text }] })

test('system messages at the head are the system, later ones stay in place', () => {
  const { system, turns } = readRequest({
    max_tokens: 5,
    system: [{ type: 'text', text: 'a', cache_control: { type: 'ephemeral' } }],
    messages: [
      { role: 'system', content: 'b' },
      hello,
      { role: 'system', content: [{ type: 'text', text: 'c' }] },
    ],
  })
  assert.deepEqual(system, [
    { type: 'text', text: 'a', cache: { type: 'ephemeral' } },
    { type: 'text', text: 'b' },
  ])
  assert.deepEqual(turns, [said('hi'), { role: 'system', parts: [{ type: 'text', text: 'c' }] }])
})

const partsOf = (content: Json, role = 'user'): readonly Part[] =>
  readRequest({ max_tokens: 5, messages: [{ role, content }] }).turns[0]?.parts ?? []

test('documents become files or text', () => {
  const document = (source: JsonObject, title?: string): readonly Part[] =>
    partsOf([{ type: 'document', source, ...(title === undefined ? {} : { title }) }])
  const pdf = { type: 'base64', media_type: 'application/pdf', data: 'JVBERi0=' }
  const file = { type: 'file', mediaType: 'application/pdf', data: 'JVBERi0=' }
  assert.deepEqual(document(pdf), [file])
  assert.deepEqual(document(pdf, 'a.pdf'), [{ ...file, name: 'a.pdf' }])
  const text = [
    { type: 'text', text: 'List' },
    { type: 'text', text: 'Milk.' },
  ]
  assert.deepEqual(document({ type: 'text', media_type: 'text/plain', data: 'Milk.' }, 'List'), text)
  assert.deepEqual(document({ type: 'content', content: [text[1] ?? {}] }, 'List'), text)
})

test('results are text, with their images behind them', () => {
  const image = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AAAA' } }
  const content = [{ type: 'text', text: 'a' }, image, { type: 'text', text: 'b' }]
  assert.deepEqual(partsOf([{ type: 'tool_result', tool_use_id: 'x', content, is_error: true }]), [
    { type: 'tool-result', id: 'x', text: 'a\nb', failed: true },
    { type: 'image', mediaType: 'image/png', data: 'AAAA' },
  ])
  assert.deepEqual(partsOf([{ type: 'tool_result', tool_use_id: 'x' }]), [
    { type: 'tool-result', id: 'x', text: '' },
  ])
})

test('thinking keeps its signature; ours without one comes back without one', () => {
  const content = [
    { type: 'thinking', thinking: 'a', signature: 's' },
    { type: 'thinking', thinking: 'b', signature: '' },
    { type: 'thinking', thinking: '', signature: '' },
    { type: 'redacted_thinking', data: 'eA==' },
  ]
  assert.deepEqual(partsOf(content, 'assistant'), [
    { type: 'reasoning', text: 'a', signature: 's' },
    { type: 'reasoning', text: 'b' },
    { type: 'reasoning', text: '', sealed: 'eA==' },
  ])
})
