import type { Dialect } from '../dialects/dialect.ts'
import { isRouterError } from '../errors.ts'
import type { Draft } from '../relay/draft.ts'
import type { Routed } from '../routing/dispatch.ts'
import type { Observer, RequestOutcome } from '../routing/observer.ts'
import type { Exchange } from './route.ts'

/** Follows one request on behalf of the core's observer; made only where there is one. */
export class Watch {
  readonly #dialect: Dialect
  readonly #exchange: Exchange
  readonly #begun: number = performance.now()
  #draft: Draft | undefined
  #routed: Routed | undefined
  #error: unknown
  #firstContentMs: number | undefined

  constructor(dialect: Dialect, exchange: Exchange) {
    this.#dialect = dialect
    this.#exchange = exchange
  }

  read(draft: Draft): void {
    this.#draft = draft
  }

  /** Of a stream this is the moment of its first content. */
  answered(routed: Routed): void {
    this.#routed = routed
    if (this.#draft?.stream === true) this.#firstContentMs = performance.now() - this.#begun
  }

  failed(error: unknown): void {
    this.#error = error
  }

  tell(observer: Observer): void {
    const { id, client, request } = this.#exchange
    const { traceparent, tracestate } = request.headers
    const routed = this.#routed
    const usage = routed?.bill.usage
    observer.request({
      id,
      client: client?.name ?? '',
      dialect: this.#dialect.name,
      kind: this.#dialect.kind,
      outcome: this.#outcome(),
      durationMs: performance.now() - this.#begun,
      ...(this.#draft === undefined ? {} : { model: this.#draft.model }),
      ...(routed === undefined ? {} : { provider: routed.provider, served: routed.model }),
      ...(usage === undefined ? {} : { usage }),
      ...(typeof traceparent !== 'string'
        ? {}
        : { trace: { traceparent, ...(typeof tracestate === 'string' ? { tracestate } : {}) } }),
      ...(this.#firstContentMs === undefined ? {} : { firstContentMs: this.#firstContentMs }),
    })
  }

  #outcome(): RequestOutcome {
    if (this.#error !== undefined) return isRouterError(this.#error) ? this.#error.code : 'internal'
    const state = this.#routed?.bill.state
    if (state === 'truncated' || state === 'failed') return state
    // Also when the router had all of the answer and the client left before it got there.
    const left = state === 'aborted' || this.#exchange.signal.aborted
    return left ? 'client_closed' : 'ok'
  }
}
