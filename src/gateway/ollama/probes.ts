import { sendBytes, sendJson } from '../respond.ts'
import type { Handler } from '../route.ts'

// Clients compare it as numbers and refuse old ones, so it is that of a server whose API this one has.
const version = '0.32.0'

/** GET /: what tools look for at the address of an Ollama server. */
export const root: Handler = ({ response }) =>
  sendBytes(response, 200, Buffer.from('Ollama is running'), ['content-type', 'text/plain; charset=utf-8'])

/** GET /api/version. */
export const apiVersion: Handler = ({ response }) => sendJson(response, 200, { version })

/** GET /api/ps: no model is held in the memory of this machine. */
export const running: Handler = ({ response, context }) =>
  sendJson(response, 200, { models: [] }, context.headers)
