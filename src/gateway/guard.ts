import { hash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { RequestError } from '../errors.ts'
import { isOwnPage, sessionToken } from './dashboard/cookie.ts'
import type { Sessions } from './dashboard/sessions.ts'

/** Who may ask for what: `none` for probes, `client` for the API, `admin` for status and keys, `metrics` for figures. */
export type Access = 'none' | 'client' | 'admin' | 'metrics'

/** A client as the guard knows it, by its key. */
export interface Client {
  /** For the ledger and policies. */
  readonly name: string
  /** Only calls that cost nothing. */
  readonly freeOnly: boolean
}

export interface GuardOptions {
  readonly clients: readonly (Client & { readonly key: string })[]
  readonly adminKey: string
  /** Opens what is for `metrics`, as the admin key does; undefined: only that one does. */
  readonly metricsKey?: string | undefined
  /** Browsers that logged in with the admin key: their cookie opens what it does. */
  readonly sessions: Pick<Sessions, 'has'>
  /** Host names (without port) that requests may carry; undefined: any. */
  readonly hosts: ReadonlySet<string> | undefined
  /** Browser origins that may call. */
  readonly origins: ReadonlySet<string>
}

/** Throws RequestError for a request that must not pass. */
export interface Guard {
  /** Before routing: checks that do not depend on the route. */
  request(request: IncomingMessage): void
  /** Who asks; undefined where nobody has to say so. */
  access(request: IncomingMessage, needed: Access): Client | undefined
  isAdminKey(key: string): boolean
  /** Everybody with a client key, by name, as of now. */
  readonly clients: ReadonlyMap<string, Client>
  /** Learns a client and its key; one of the same name loses its own. */
  admit(client: Client & { readonly key: string }): void
  /** Of a client whose key stays; false when none has that name. */
  change(client: Client): boolean
  /** Forgets the key of a client; false when none has that name. */
  revoke(name: string): boolean
}

export const loopbackHosts: ReadonlySet<string> = new Set(['127.0.0.1', 'localhost', '::1'])

export function createGuard(options: GuardOptions): Guard {
  // Looked up by digest: no comparison ends early on a wrong key, and no key is kept in a table.
  const names = new Map<string, string>()
  const clients = new Map<string, Client>()
  const admin = digest(options.adminKey)
  const metrics = options.metricsKey === undefined ? undefined : digest(options.metricsKey)
  const revoke = (name: string): boolean => {
    for (const [known, owner] of names) if (owner === name) names.delete(known)
    return clients.delete(name)
  }
  const learn: Guard['admit'] = ({ name, freeOnly, key }) => {
    names.set(digest(key), name)
    clients.set(name, { name, freeOnly })
  }
  for (const client of options.clients) learn(client)
  return {
    clients,
    admit(client) {
      revoke(client.name)
      learn(client)
    },
    isAdminKey: (key) => digest(key) === admin,
    change({ name, freeOnly }) {
      return clients.has(name) && clients.set(name, { name, freeOnly }).has(name)
    },
    revoke,
    request(request) {
      checkHost(request, options.hosts)
      checkOrigin(request, options.origins)
    },
    access(request, needed) {
      if (needed === 'none') return undefined
      const given = credentials(request).map(digest)
      if (needed !== 'client' && given.includes(admin)) return undefined
      if (needed === 'metrics' && metrics !== undefined && given.includes(metrics)) return undefined
      if (needed === 'admin' && hasSession(request, options.sessions)) return undefined
      const name = given.map((each) => names.get(each)).find((each) => each !== undefined)
      const client = name === undefined ? undefined : clients.get(name)
      if (needed === 'client' && client !== undefined) return client
      throw new RequestError('invalid_api_key', given.length === 0 ? missingKey[needed] : wrongKey[needed])
    },
  }
}

const missingKey = {
  client:
    'this gateway needs its client key: send "Authorization: Bearer <key>"; "switchyard keys client" shows where it is',
  admin:
    'this page needs the admin key: send "Authorization: Bearer <key>"; it is in the file "admin-key" of SWITCHYARD_HOME',
  metrics:
    'this page needs the metrics key: send "Authorization: Bearer <key>"; it is in the file "metrics-key" of SWITCHYARD_HOME',
}
const wrongKey = {
  client: 'that is not the client key of this gateway; "switchyard keys client" shows where it is',
  admin: 'that is not the admin key of this gateway; it is in the file "admin-key" of SWITCHYARD_HOME',
  metrics: 'that is not the metrics key of this gateway; it is in the file "metrics-key" of SWITCHYARD_HOME',
}

// Clients of different families send it in different places (OpenAI, Anthropic, Azure style).
function credentials({ headers }: IncomingMessage): string[] {
  const bearer = /^Bearer\s+(\S+)$/i.exec(headers.authorization ?? '')?.[1]
  return [bearer, headers['x-api-key'], headers['api-key']].filter(
    (key) => typeof key === 'string' && key !== '',
  ) as string[]
}

/** A cookie goes wherever its host is called from; it counts only on our own pages. */
function hasSession(request: IncomingMessage, sessions: Pick<Sessions, 'has'>): boolean {
  const token = sessionToken(request)
  return token !== undefined && isOwnPage(request) && sessions.has(token)
}

function digest(key: string): string {
  return hash('sha256', key)
}

/** A foreign Host on a loopback server is a browser that was led here by DNS rebinding. */
function checkHost(request: IncomingMessage, hosts: ReadonlySet<string> | undefined): void {
  const names = request.rawHeaders.filter((name, index) => index % 2 === 0 && name.toLowerCase() === 'host')
  // Node takes two Host headers and absolute targets; what one part checks another might not use.
  if (names.length !== 1 || request.url?.startsWith('/') !== true) {
    throw new RequestError(
      'invalid_request',
      'a request needs exactly one Host header and a path that begins with "/"',
    )
  }
  const host = hostName(request.headers.host ?? '')
  if (host === undefined) throw new RequestError('wrong_host', 'the Host header is malformed')
  if (hosts !== undefined && !hosts.has(host)) {
    throw new RequestError(
      'wrong_host',
      `this gateway does not answer for the host "${host}"; add it to server.allowedHosts if it is yours`,
    )
  }
}

/** The host without its port, in lower case; undefined when malformed. */
function hostName(header: string): string | undefined {
  const match = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?::\d{1,5})?$/i.exec(header)
  return (match?.[1] ?? match?.[2])?.toLowerCase()
}

/** A page in a browser may only call when it is ours or its origin was allowed; programs send no Origin. */
function checkOrigin(request: IncomingMessage, origins: ReadonlySet<string>): void {
  const { origin, 'sec-fetch-site': site } = request.headers
  const isAllowed = origin === undefined ? site !== 'cross-site' : origins.has(origin) || isOwnPage(request)
  if (!isAllowed) {
    throw new RequestError(
      'forbidden_origin',
      `pages of "${printable(origin ?? 'another site')}" may not call this gateway; add the origin to server.allowedOrigins if it is yours`,
    )
  }
}

function printable(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/g, '?').slice(0, 100)
}
