import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { Clock } from '../clock.ts'
import { ConfigError, RequestError } from '../errors.ts'
import type { RouterCore } from '../routing/core.ts'
import type { Log } from '../routing/settings.ts'
import { createGuard, type Guard, loopbackHosts } from './guard.ts'
import { routerError, sendError } from './respond.ts'
import type { GatewayContext } from './route.ts'
import { matchRoute } from './routes.ts'

export interface GatewayOptions {
  readonly core: RouterCore
  readonly clientKey: string
  readonly adminKey: string
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
  readonly clock: Clock
  readonly log: Log
}

export interface Gateway extends AsyncDisposable {
  readonly url: string
  /** Stops taking requests, lets running ones finish for `drainMs` (default 10 s), then ends them with an error. */
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
  #draining = false

  constructor(options: GatewayOptions) {
    this.#options = options
    const host = options.host ?? '127.0.0.1'
    const allowed = [...loopbackHosts, host, ...(options.allowedHosts ?? [])].map((name) =>
      name.toLowerCase(),
    )
    this.#guard = createGuard({
      clientKey: options.clientKey,
      adminKey: options.adminKey,
      // Elsewhere than on loopback the machine has names that only its operator knows.
      hosts: loopbackHosts.has(host) || options.allowedHosts !== undefined ? new Set(allowed) : undefined,
      origins: new Set(options.allowedOrigins),
    })
    this.#context = {
      core: options.core,
      maxBodyBytes: options.maxBodyBytes ?? 32 * 1024 * 1024,
      headers: options.sandbox === true ? ['x-switchyard-sandbox', '1'] : [],
      log: options.log,
      now: () => options.clock.now(),
      draining: () => this.#draining,
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
  }

  get url(): string {
    const { address, port, family } = this.#server.address() as AddressInfo
    return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const leaving = new AbortController()
    const id = crypto.randomUUID()
    this.#running.add(leaving)
    // Not the request's own close: that comes as soon as its body has been read.
    response.on('close', () => {
      this.#running.delete(leaving)
      if (!response.writableFinished) leaving.abort(new DOMException('the client left', 'AbortError'))
    })
    try {
      this.#guard.request(request)
      const match = matchRoute(request.method ?? '', request.url ?? '')
      if (match === undefined)
        throw new RequestError(
          'not_found',
          `there is nothing at ${request.method} ${(request.url ?? '').slice(0, 100)}; the API is under /v1`,
        )
      if ('allowed' in match)
        throw new RequestError(
          'method_not_allowed',
          `${request.method} is not for this path; use ${match.allowed.join(' or ')}`,
        )
      this.#guard.access(request, match.route.access)
      await match.route.handle({
        request,
        response,
        context: this.#context,
        id,
        rest: match.rest,
        signal: leaving.signal,
      })
    } catch (error) {
      const known = routerError(error)
      if (known.code === 'internal')
        this.#options.log.warn('a request failed inside the gateway', {
          id,
          error: error instanceof Error ? error.stack : String(error),
        })
      sendError(response, known, { now: this.#context.now(), id, headers: this.#context.headers })
    }
  }

  async close({ drainMs = 10_000 } = {}): Promise<void> {
    if (this.#draining) return
    this.#draining = true
    const closed = once(this.#server, 'close')
    this.#server.close()
    this.#server.closeIdleConnections()
    const timer = setTimeout(() => {
      for (const running of this.#running)
        running.abort(new DOMException('the gateway is shutting down', 'TimeoutError'))
      // One moment for the error frames to leave; then the sockets go, whoever holds them.
      setTimeout(() => this.#server.closeAllConnections(), 500).unref()
    }, drainMs)
    await closed
    clearTimeout(timer)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close({ drainMs: 0 })
  }
}

/** Bytes that are no HTTP request: a short answer and no further use of the connection. */
function refuseBadHttp(error: NodeJS.ErrnoException, socket: Socket): void {
  if (!socket.writable) return
  const status =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? '431 Request Header Fields Too Large'
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? '408 Request Timeout'
        : '400 Bad Request'
  socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`)
}
