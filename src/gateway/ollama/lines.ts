import type { ServerResponse } from 'node:http'
import type { JsonObject } from '../../chat/types.ts'
import { sendBytes, sendJson } from '../respond.ts'

/** A whole answer in one object: the only line of a stream, where one was asked for. */
export function sendLine(
  response: ServerResponse,
  body: JsonObject,
  stream: boolean,
  headers: readonly string[],
): void {
  if (!stream) return sendJson(response, 200, body, headers)
  const line = Buffer.from(`${JSON.stringify(body)}\n`)
  sendBytes(response, 200, line, ['content-type', 'application/x-ndjson', ...headers])
}
