import { isUtf8 } from 'node:buffer'
import type { Json } from '../chat/types.ts'
import { RequestError } from '../errors.ts'

/** The JSON that a client sent. Throws RequestError `invalid_json` that says what is wrong with it. */
export function parseBody(bytes: Buffer): Json {
  if (bytes.length === 0)
    throw new RequestError('invalid_json', 'the request body is empty; send a JSON object')
  if (!isUtf8(bytes)) throw new RequestError('invalid_json', 'the request body is not valid UTF-8')
  try {
    return JSON.parse(bytes.toString()) as Json
  } catch (error) {
    const reason = error instanceof Error ? error.message.slice(0, 160) : 'unreadable'
    throw new RequestError('invalid_json', `the request body is not valid JSON: ${reason}`)
  }
}
