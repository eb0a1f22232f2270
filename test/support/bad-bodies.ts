import type { ErrorCode } from '../../src/errors.ts'
import { ask } from './stand.ts'

/** What is wrong with it, the body, then code and param of the refusal, and part of its text. */
export type BadBody = readonly [string, string | Buffer, ErrorCode, string | null, RegExp]

const said = (member: unknown): string => JSON.stringify(member)

/** Bodies of POST /v1/chat/completions that must be refused before any upstream call. */
export const badBodies: readonly BadBody[] = [
  ['empty', '', 'invalid_json', null, /empty/],
  ['not JSON', '{"messages": [', 'invalid_json', null, /not valid JSON/],
  ['trailing junk', '{"messages":[]} x', 'invalid_json', null, /not valid JSON/],
  ['a byte order mark', '\ufeff{}', 'invalid_json', null, /not valid JSON/],
  ['a number', '42', 'invalid_request', null, /must be a JSON object; got 42/],
  ['an array', '[]', 'invalid_request', null, /got an array/],
  [
    'no messages',
    '{}',
    'invalid_request',
    'messages',
    /'messages' must be an array of messages; got nothing/,
  ],
  ['no message', '{"messages":[]}', 'invalid_request', 'messages', /at least one message/],
  ['messages as text', '{"messages":"hi"}', 'invalid_request', 'messages', /got "hi"/],
  [
    'an unknown role',
    said({ messages: [{ role: 'usr', content: 'x' }] }),
    'invalid_request',
    'messages[0].role',
    /"user"/,
  ],
  [
    'a message without content',
    said({ messages: [{ role: 'user' }] }),
    'invalid_request',
    'messages[0].content',
    /string/,
  ],
  [
    'a model that is a number',
    said(ask('hi', { model: 7 })),
    'invalid_request',
    'model',
    /'model' must be a string; got 7/,
  ],
  [
    'stream as text',
    said(ask('hi', { stream: 'yes' })),
    'invalid_request',
    'stream',
    /true or false; got "yes"/,
  ],
  [
    'temperature as text',
    said(ask('hi', { temperature: 'hot' })),
    'invalid_request',
    'temperature',
    /a number/,
  ],
  ['tools that are no list', said(ask('hi', { tools: {} })), 'invalid_request', 'tools', /an array/],
  [
    'a tool without a name',
    said(ask('hi', { tools: [{ type: 'function', function: {} }] })),
    'invalid_request',
    'tools[0].function.name',
    /a name/,
  ],
  [
    'a member twice',
    '{"model":"auto","messages":[{"role":"user","content":"x"}],"model":"z"}',
    'invalid_request',
    'model',
    /stands twice/,
  ],
  [
    'a member twice, once escaped',
    String.raw`{"model":"auto","messages":[{"role":"user","content":"x"}],"mod\u0065l":"z"}`,
    'invalid_request',
    'model',
    /stands twice/,
  ],
  [
    'deep nesting',
    `{"messages":[{"role":"user","content":"x"}],"x":${'['.repeat(2000)}${']'.repeat(2000)}}`,
    'invalid_request',
    null,
    /deeper than 128/,
  ],
  ['invalid UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), 'invalid_json', null, /UTF-8/],
  [
    'an unknown model',
    said(ask('hi', { model: 'nobody-has-this' })),
    'model_not_found',
    'model',
    /GET \/v1\/models|did you mean/,
  ],
  [
    'a near miss of a model',
    said(ask('hi', { model: 'gpt-oss:12b' })),
    'model_not_found',
    'model',
    /did you mean .*"gpt-oss:120b"/,
  ],
]
