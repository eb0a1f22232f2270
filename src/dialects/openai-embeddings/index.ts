import type { Dialect, WireError } from '../dialect.ts'
import { writeError } from '../openai-chat/error.ts'
import { createWholeDecoder, createWholeEncoder } from '../whole-answer.ts'
import { check } from './check.ts'
import { outline, readRequest, untold, writeRequest } from './request.ts'
import { asAsked, readResult, writeResult } from './result.ts'

/** OpenAI's `/embeddings`: texts in, vectors out, never streamed. */
export const openaiEmbeddings: Dialect = {
  name: 'openai-embeddings',
  kind: 'embeddings',
  framing: 'ndjson',
  streamType: 'application/json',
  streamsByDefault: false,
  keepAlive: '',
  check,
  outline,
  readRequest,
  untold,
  writeRequest,
  readResult,
  writeResult,
  asAsked,
  decoder: () => createWholeDecoder(readResult),
  encoder: (context) => createWholeEncoder(writeResult, context),
  writeError,
  errorFrame: (error: WireError) => `${JSON.stringify(writeError(error))}\n`,
}
