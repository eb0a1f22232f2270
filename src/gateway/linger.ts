import type { ServerResponse } from 'node:http'

const lingerMs = 1_000

/**
 * Sends a refusal at once and ends it when the client has stopped sending. A connection that is closed with bytes
 * unread is reset, and the client would lose the answer that tells what was wrong.
 */
export function sendAndLinger(response: ServerResponse, bytes: Uint8Array): void {
  const request = response.req
  if (request.complete) {
    response.end(bytes)
    return
  }
  response.write(bytes)
  const end = (): void => {
    clearTimeout(timer)
    response.end()
  }
  const timer = setTimeout(() => {
    response.once('finish', () => request.destroy())
    end()
  }, lingerMs).unref()
  request.once('end', end).once('close', end).resume()
}
