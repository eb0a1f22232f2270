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
  return collect(request, maxBytes)
}

// Listeners, not the stream's iterator: that costs a tenth of a small request.
function collect(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    const end = (): void => {
      request.off('data', onData).off('end', onEnd).off('close', onClose).off('error', onClose)
    }
    const onData = (chunk: Buffer): void => {
      size += chunk.length
      chunks.push(chunk)
      if (size <= maxBytes) return
      end()
      // Not destroyed: the refusal leaves on the same connection.
      request.pause()
      reject(tooLarge(maxBytes))
    }
    const onEnd = (): void => {
      end()
      const [only] = chunks
      resolve(chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks, size))
    }
    const onClose = (): void => {
      end()
      reject(new RequestError('client_closed', 'the client left before its request was complete'))
    }
    request.on('data', onData).on('end', onEnd).on('close', onClose).on('error', onClose)
  })
}

function tooLarge(maxBytes: number): RequestError {
  const mebibytes = Math.round((maxBytes / 1024 / 1024) * 1000) / 1000
  return new RequestError(
    'payload_too_large',
    `the request body is larger than ${mebibytes} MiB (server.maxBodyMiB)`,
  )
}
