import type { Dialect } from '../dialect.ts'
import { errorFrame, writeError } from '../ollama/error.ts'
import { createWholeDecoder, createWholeEncoder } from '../whole-answer.ts'
import { check, outline, readRequest, untold, writeRequest } from './request.ts'
import { readResult, writeResult } from './result.ts'

/** Ollama's `/api/embeddings`, the form before `/api/embed`: one text, one vector. Spoken by clients only. */
export const ollamaEmbeddings: Dialect = {
  name: 'ollama-embeddings',
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
