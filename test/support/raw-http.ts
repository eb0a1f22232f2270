import { connect, type Socket } from 'node:net'
import { once } from 'node:events'

export interface RawAnswer {
  readonly status: number
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** Sends bytes as they are, which no HTTP client would do, and reads the first answer until the server closes. */
export async function sendRaw(url: string, ...pieces: readonly (string | Buffer)[]): Promise<RawAnswer> {
  using socket = openRaw(url)
  for (const piece of pieces) socket.write(piece)
  return await readAnswer(socket)
}

export function openRaw(url: string): Socket & Disposable {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  // A server that refuses early may reset the rest of what is being sent.
  socket.on('error', () => {})
  return Object.assign(socket, { [Symbol.dispose]: () => void socket.destroy() })
}

/** What the server has sent when it closes the connection. */
export async function readAnswer(socket: Socket): Promise<RawAnswer> {
  const chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  await once(socket, 'close')
  const text = Buffer.concat(chunks).toString()
  const [head = '', ...rest] = text.split('\r\n\r\n')
  const [first = '', ...lines] = head.split('\r\n')
  const headers = Object.fromEntries(
    lines.map((line) => {
      const colon = line.indexOf(':')
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()]
    }),
  )
  return { status: Number(first.split(' ')[1]), headers, body: rest.join('\r\n\r\n') }
}

/** A request as text; `Connection: close`, so that the answer ends with the connection. */
export function rawRequest(line: string, headers: readonly string[], body: string = ''): string {
  return [`${line} HTTP/1.1`, 'Connection: close', ...headers, '', body].join('\r\n')
}
