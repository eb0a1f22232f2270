import type { IncomingMessage } from 'node:http'
import { RequestError } from '../errors.ts'

/** The whole body of a JSON request. Throws RequestError for a wrong type, a body over `maxBytes`, or a client that left. */
export async function readJsonBody(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const { headers } = request
  // Anything but JSON could be sent by a form on a foreign page without asking the browser's leave.
  if (!/^application\/json\s*(;|$)/i.test(headers['content-type'] ?? '')) {
    throw new RequestError('unsupported_media_type', 'send the body with "Content-Type: application/json"')
  }
  const encoding = headers['content-encoding']
  if (encoding !== undefined && encoding !== 'identity') {
    throw new RequestError(
      'unsupported_media_type',
      'compressed request bodies are not taken; send it without Content-Encoding',
    )
  }
  if (Number(headers['content-length'] ?? 0) > maxBytes) throw tooLarge(maxBytes)
  const chunks: Buffer[] = []
  let size = 0
  try {
    // Not destroyed when refused halfway: the refusal leaves on the same connection.
    for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      size += chunk.length
      if (size > maxBytes) throw tooLarge(maxBytes)
      chunks.push(chunk)
    }
  } catch (error) {
    if (error instanceof RequestError) throw error
    throw new RequestError('client_closed', 'the client left before its request was complete')
  }
  const [only] = chunks
  return chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks, size)
}

function tooLarge(maxBytes: number): RequestError {
  const mebibytes = Math.round((maxBytes / 1024 / 1024) * 1000) / 1000
  return new RequestError(
    'payload_too_large',
    `the request body is larger than ${mebibytes} MiB (server.maxBodyMiB)`,
  )
}
