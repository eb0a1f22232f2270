import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { JsonObject } from '../chat/types.ts'
import type { Clock } from '../clock.ts'
import { dialectNamed } from '../dialects/index.ts'
import { ConfigError, RequestError } from '../errors.ts'
import { newRequestId } from '../ledger/request-id.ts'
import type { RouterCore } from '../routing/core.ts'
import type { Log } from '../routing/settings.ts'
import { refuseBadHttp } from './bad-http.ts'
import { type ClientBook, ownClient } from './client-book.ts'
import type { KeySource } from './key-source.ts'
import { keepAliveMs } from './keep-alive.ts'
import { Live } from './dashboard/live.ts'
import { createSessions } from './dashboard/sessions.ts'
import type { MetricsSource } from './metrics-source.ts'
import { createGuard, type Guard, type GuardOptions, loopbackHosts } from './guard.ts'
import { knownError } from './known-error.ts'
import { sendError } from './respond.ts'
import type { Exchange, GatewayContext } from './route.ts'
import { dialectOf, matchRoute } from './routes.ts'
import { shutdownError, shutdownReason } from './shutdown.ts'

const lastMomentMs = 500

export interface GatewayOptions {
  readonly core: RouterCore
  /** Key of the client `default`. */
  readonly clientKey: string
  /** Further clients, each with a key and a name of its own. */
  readonly clients?: GuardOptions['clients']
  /** Where clients are written down; left out: they cannot be added or changed while the gateway runs. */
  readonly book?: ClientBook | undefined
  readonly adminKey: string
  /** Opens the metrics page, as the admin key does. */
  readonly metricsKey?: string
  /** Left out: there is no metrics page. */
  readonly metrics?: MetricsSource
  /** Default 127.0.0.1. */
  readonly host?: string
  /** Default 4141; 0: any free port. */
  readonly port?: number
  /** Names the gateway answers for, besides its own address and, on loopback, `localhost`. */
  readonly allowedHosts?: readonly string[]
  readonly allowedOrigins?: readonly string[]
  /** Default 32 MiB. */
  readonly maxBodyBytes?: number
  /** Marks every answer as not real. */
  readonly sandbox?: boolean
  /** Left out: no keys can join while the gateway runs. */
  readonly keys?: KeySource | undefined
  /** Shown to the admin as it is, so it must hold no secret. */
  readonly settings?: () => JsonObject
  /** Default 12 s. */
  readonly keepAliveMs?: number
  readonly clock: Clock
  readonly log: Log
}

export interface Gateway extends AsyncDisposable {
  readonly url: string
  /** Refuses new requests, lets running ones finish for `drainMs` (default 10 s), then ends them with an error. */
  close(options?: { readonly drainMs?: number }): Promise<void>
}

/** Rejects with ConfigError when the address cannot be used. */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const gateway = new HttpGateway(options)
  await gateway.listen()
  return gateway
}

class HttpGateway implements Gateway {
  readonly #options: GatewayOptions
  readonly #guard: Guard
  readonly #server: Server
  readonly #context: GatewayContext
  readonly #running: Set<AbortController> = new Set()
  #url = ''
  #draining = false
  #onIdle: (() => void) | undefined
  #closed: Promise<void> | undefined

  constructor(options: GatewayOptions) {
    this.#options = options
    const host = options.host ?? '127.0.0.1'
    const allowed = [...loopbackHosts, host, ...(options.allowedHosts ?? [])].map((name) =>
      name.toLowerCase(),
    )
    const now = (): number => options.clock.now()
    const sessions = createSessions(now)
    const clients = [{ name: ownClient, freeOnly: false, key: options.clientKey }, ...(options.clients ?? [])]
    this.#guard = createGuard({
      clients,
      adminKey: options.adminKey,
      metricsKey: options.metricsKey,
      sessions,
      // Elsewhere than on loopback the machine has names that only its operator knows.
      hosts: loopbackHosts.has(host) || options.allowedHosts !== undefined ? new Set(allowed) : undefined,
      origins: new Set(options.allowedOrigins),
    })
    this.#context = {
      core: options.core,
      metrics: options.metrics,
      guard: this.#guard,
      book: options.book,
      maxBodyBytes: options.maxBodyBytes ?? 32 * 1024 * 1024,
      headers: options.sandbox === true ? ['x-switchyard-sandbox', '1'] : [],
      log: options.log,
      keys: options.keys,
      settings: options.settings ?? (() => ({})),
      startedAt: options.clock.now(),
      keepAliveMs: options.keepAliveMs ?? keepAliveMs,
      now,
      sessions,
      live: new Live(options.core, options.log),
      draining: () => this.#draining,
      address: () => this.#url,
    }
    this.#server = createServer(
      {
        maxHeaderSize: 16 * 1024,
        headersTimeout: 15_000,
        requestTimeout: 120_000,
        keepAliveTimeout: 60_000,
        // Node looks for overdue connections only every 30 s unless told otherwise.
        connectionsCheckingInterval: 1_000,
      },
      (request, response) => void this.#answer(request, response),
    )
    this.#server.maxHeadersCount = 200
    this.#server.on('clientError', refuseBadHttp)
  }

  async listen(): Promise<void> {
    const { host = '127.0.0.1', port = 4141 } = this.#options
    this.#server.listen(port, host)
    try {
      await once(this.#server, 'listening')
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : undefined
      if (code === 'EADDRINUSE')
        throw new ConfigError(`port ${port} is in use; set SWITCHYARD_PORT to another one`, { cause: error })
      throw new ConfigError(
        `the gateway cannot listen on ${host}:${port} (${String(code)}); set SWITCHYARD_HOST and SWITCHYARD_PORT`,
        { cause: error },
      )
    }
    const bound = this.#server.address() as AddressInfo
    this.#url = `http://${bound.family === 'IPv6' ? `[${bound.address}]` : bound.address}:${bound.port}`
  }

  /** Stays what it was after the gateway has closed. */
  get url(): string {
    return this.#url
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const leaving = new AbortController()
    const id = newRequestId(this.#context.now())
    this.#running.add(leaving)
    // Not the request's own close: that comes as soon as its body has been read.
    response.on('close', () => {
      this.#running.delete(leaving)
      if (!response.writableFinished) leaving.abort(new DOMException('the client left', 'AbortError'))
      if (this.#running.size === 0) this.#onIdle?.()
    })
    try {
      await this.#serve({ request, response, context: this.#context, id, signal: leaving.signal })
    } catch (error) {
      const known = knownError(error, { signal: leaving.signal, context: this.#context, id })
      sendError(response, known, {
        dialect: dialectNamed(dialectOf(request)),
        now: this.#context.now(),
        id,
        headers: this.#context.headers,
      })
      // An answer that was begun upstream and will not be read gives its lease back.
      leaving.abort(new DOMException('the answer could not be sent', 'AbortError'))
    }
  }

  async #serve(exchange: Omit<Exchange, 'rest' | 'client'>): Promise<void> {
    const { request, response } = exchange
    this.#guard.request(request)
    const { method = '', url = '' } = request
    const match = matchRoute(method, url)
    if (match === undefined) {
      // Without the query: some clients put keys into it.
      const path = url.split('?', 1)[0]?.slice(0, 100)
      throw new RequestError('not_found', `there is nothing at ${method} ${path}; the API is under /v1`)
    }
    if ('allowed' in match) {
      response.setHeader('allow', match.allowed.join(', '))
      throw new RequestError(
        'method_not_allowed',
        `${method} is not for this path; use ${match.allowed.join(' or ')}`,
      )
    }
    const client = this.#guard.access(request, match.route.access)
    if (this.#draining && match.route.access !== 'none') throw shutdownError()
    await match.route.handle({ ...exchange, client, rest: match.rest })
  }

  close({ drainMs = 10_000 } = {}): Promise<void> {
    this.#closed ??= this.#shutDown(drainMs)
    return this.#closed
  }

  /** Goes on listening while requests run: probes and new clients are told, not met by a refused connection. */
  async #shutDown(drainMs: number): Promise<void> {
    this.#draining = true
    this.#context.live.end()
    const timer = setTimeout(() => {
      for (const running of this.#running) running.abort(shutdownReason())
      // One moment for the error frames to leave; then the sockets go, whoever holds them.
      setTimeout(() => this.#server.closeAllConnections(), lastMomentMs).unref()
    }, drainMs)
    await new Promise<void>((resolve) => {
      this.#onIdle = resolve
      if (this.#running.size === 0) resolve()
    })
    clearTimeout(timer)
    const closed = once(this.#server, 'close')
    this.#server.close()
    setTimeout(() => this.#server.closeAllConnections(), lastMomentMs).unref()
    await closed
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close({ drainMs: 0 })
  }
}
