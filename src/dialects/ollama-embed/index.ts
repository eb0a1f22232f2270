import type { Dialect } from '../dialect.ts'
import { errorFrame, writeError } from '../ollama/error.ts'
import { createWholeDecoder, createWholeEncoder } from '../whole-answer.ts'
import { check } from './check.ts'
import { outline, readRequest, untold, writeRequest } from './request.ts'
import { readResult, writeResult } from './result.ts'

/** Ollama's `/api/embed`: texts in, vectors out, never streamed. */
export const ollamaEmbed: Dialect = {
  name: 'ollama-embed',
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
  decoder: () => createWholeDecoder(readResult),
  encoder: (context) => createWholeEncoder(writeResult, context),
  writeError,
  errorFrame,
}
