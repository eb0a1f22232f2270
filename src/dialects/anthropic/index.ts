import type { Dialect } from '../dialect.ts'
import { check } from './check.ts'
import { createDecoder } from './decoder.ts'
import { createEncoder } from './encoder.ts'
import { errorFrame, errorHeaders, writeError } from './error.ts'
import { outline, readRequest, writeRequest } from './request.ts'
import { readResult, writeResult } from './result.ts'
import { untold } from './untold.ts'

/** Anthropic Messages, in all its versions: they differ in what the service refuses, not in form. */
export const anthropic: Dialect = {
  name: 'anthropic',
  kind: 'chat',
  framing: 'sse',
  streamType: 'text/event-stream; charset=utf-8',
  streamsByDefault: false,
  keepAlive: 'event: ping\ndata: {"type":"ping"}\n\n',
  check,
  outline,
  readRequest,
  untold,
  writeRequest,
  readResult,
  writeResult,
  decoder: createDecoder,
  encoder: createEncoder,
  writeError,
  errorHeaders,
  errorFrame,
  maxTokensMember: 'max_tokens',
  endMark: {
    words: ['message_stop'],
    withinBytes: 256,
    owed: 'event: message_stop\ndata: {"type":"message_stop"}\n\n',
  },
}
