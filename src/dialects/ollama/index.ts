import type { Dialect } from '../dialect.ts'
import { check } from './check.ts'
import { createDecoder } from './decoder.ts'
import { createEncoder } from './encoder.ts'
import { errorFrame, writeError } from './error.ts'
import { outline, readRequest, writeRequest } from './request.ts'
import { readResult, writeResult } from './result.ts'
import { inMessage } from './said.ts'
import { untold } from './untold.ts'

/** Ollama's own `/api/chat`. Its last line holds counters, so there is no fixed end mark. */
export const ollama: Dialect = {
  name: 'ollama',
  kind: 'chat',
  framing: 'ndjson',
  streamType: 'application/x-ndjson',
  streamsByDefault: true,
  // A blank line makes some clients fail and others warn.
  keepAlive: '',
  check,
  outline,
  readRequest,
  untold,
  writeRequest,
  readResult: (body) => readResult(inMessage, body),
  writeResult: (events, context) => writeResult(inMessage, events, context),
  decoder: () => createDecoder(inMessage),
  encoder: (context) => createEncoder(inMessage, context),
  writeError,
  errorFrame,
}
