import type { Dialect } from '../dialect.ts'
import { check } from './check.ts'
import { createDecoder } from './decoder.ts'
import { createEncoder } from './encoder.ts'
import { errorFrame, errorStatus, writeError } from './error.ts'
import { outline, readRequest, writeRequest } from './request.ts'
import { readResult, writeResult } from './result.ts'
import { untold } from './untold.ts'

/** OpenAI Responses without its memory: every request brings the whole conversation, and nothing is kept. */
export const openaiResponses: Dialect = {
  name: 'openai-responses',
  kind: 'chat',
  framing: 'sse',
  streamType: 'text/event-stream; charset=utf-8',
  streamsByDefault: false,
  keepAlive: ': keep-alive\n\n',
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
  errorStatus,
  errorFrame,
  maxTokensMember: 'max_output_tokens',
  // The last event holds the whole answer once more, so it can be of any length and nobody else can write it.
  endMark: { words: ['response.completed', 'response.incomplete'], withinBytes: Infinity },
}
