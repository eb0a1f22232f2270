import type { Dialect } from '../dialect.ts'
import { createDecoder } from '../ollama/decoder.ts'
import { createEncoder } from '../ollama/encoder.ts'
import { errorFrame, writeError } from '../ollama/error.ts'
import { outline } from '../ollama/request.ts'
import { readResult, writeResult } from '../ollama/result.ts'
import { check } from './check.ts'
import { readRequest, writeRequest } from './request.ts'
import { inResponse } from './said.ts'
import { untold } from './untold.ts'

/** Ollama's `/api/generate`: a prompt in place of a conversation. Spoken by clients only. */
export const ollamaGenerate: Dialect = {
  name: 'ollama-generate',
  kind: 'chat',
  framing: 'ndjson',
  streamType: 'application/x-ndjson',
  streamsByDefault: true,
  keepAlive: '',
  check,
  outline,
  readRequest,
  untold,
  writeRequest,
  readResult: (body) => readResult(inResponse, body),
  writeResult: (events, context) => writeResult(inResponse, events, context),
  decoder: () => createDecoder(inResponse),
  encoder: (context) => createEncoder(inResponse, context),
  writeError,
  errorFrame,
}
