import type { Socket } from 'node:net'
import { dialectNamed } from '../dialects/index.ts'

interface Refusal {
  readonly status: number
  readonly title: string
  readonly message: string
}

const badRequest: Refusal = {
  status: 400,
  title: 'Bad Request',
  message: 'what was sent is not an HTTP/1.1 request',
}

// By the codes of Node's parser; a `clientError` listener has to map them itself.
const refusals: Readonly<Record<string, Refusal>> = {
  HPE_HEADER_OVERFLOW: {
    status: 431,
    title: 'Request Header Fields Too Large',
    message: 'the request has more than 200 headers, or more than 16 KiB of them',
  },
  ERR_HTTP_REQUEST_TIMEOUT: {
    status: 408,
    title: 'Request Timeout',
    message: 'the request did not arrive in time',
  },
}

/** Bytes that never became a request: a short answer in the usual shape, and no further use of the connection. */
export function refuseBadHttp(error: NodeJS.ErrnoException, socket: Socket): void {
  if (!socket.writable) return
  const { status, title, message } = refusals[error.code ?? ''] ?? badRequest
  const body = JSON.stringify(
    dialectNamed('openai-chat').writeError({ status, code: 'invalid_request', message }),
  )
  socket.end(
    `HTTP/1.1 ${status} ${title}\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  )
}
