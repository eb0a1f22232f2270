import type { IncomingMessage } from 'node:http'

/** The session token a browser sent; undefined: none. */
export function sessionToken(request: IncomingMessage): string | undefined {
  const name = cookieName(request)
  for (const pair of request.headers.cookie?.split(';') ?? []) {
    const [key, value] = pair.trim().split('=', 2)
    if (key === name && value !== undefined && value !== '') return value
  }
  return undefined
}

/** `Set-Cookie` for a session; an empty token takes it away. */
export function sessionCookie(request: IncomingMessage, token: string): string {
  const parts = [`${cookieName(request)}=${token}`, 'Path=/admin', 'HttpOnly', 'SameSite=Strict']
  if (token === '') parts.push('Max-Age=0')
  // The browser itself says that it came over TLS; what stands between may not.
  if (request.headers.origin?.startsWith('https:') === true) parts.push('Secure')
  return parts.join('; ')
}

/** Browsers share cookies between the ports of a host, so the name holds the port. */
function cookieName({ socket }: IncomingMessage): string {
  return `switchyard_${socket.localPort ?? 0}`
}

/** Whether a page of this very gateway asks, or no page at all (an address typed in, a program). */
export function isOwnPage({ headers }: IncomingMessage): boolean {
  const { origin, host = '' } = headers
  const site = headers['sec-fetch-site']
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return false
  return origin === undefined || originHost(origin) === host.toLowerCase()
}

function originHost(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined
}
