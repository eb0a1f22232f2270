import type { Dialect } from '../dialect.ts'
import { check } from './check.ts'
import { createDecoder } from './decoder.ts'
import { createEncoder } from './encoder.ts'
import { errorFrame, writeError } from './error.ts'
import { outline, readRequest, writeRequest } from './request.ts'
import { readResult, writeResult } from './result.ts'
import { untold } from './untold.ts'

/** OpenAI Chat Completions, with the members OpenRouter adds to it. */
export const openaiChat: Dialect = {
  name: 'openai-chat',
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
  errorFrame,
  maxTokensMember: 'max_tokens',
  endMark: { words: ['[DONE]'], withinBytes: 32, owed: 'data: [DONE]\n\n' },
}
