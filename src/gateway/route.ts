import type { IncomingMessage, ServerResponse } from 'node:http'
import type { JsonObject } from '../chat/types.ts'
import type { Log } from '../routing/settings.ts'
import type { RouterCore } from '../routing/core.ts'
import type { ClientBook } from './client-book.ts'
import type { KeySource } from './key-source.ts'
import type { Live } from './dashboard/live.ts'
import type { Sessions } from './dashboard/sessions.ts'
import type { Access, Client, Guard } from './guard.ts'
import type { MetricsSource } from './metrics-source.ts'

/** What every handler may use. */
export interface GatewayContext {
  readonly core: RouterCore
  /** Undefined: there is no metrics page. */
  readonly metrics: MetricsSource | undefined
  readonly maxBodyBytes: number
  /** Who may use the gateway. */
  readonly guard: Omit<Guard, 'request' | 'access'>
  /** Undefined: clients are given by the program that started the gateway. */
  readonly book: ClientBook | undefined
  /** Flat list of headers that every answer of the API carries, e.g. the sandbox mark. */
  readonly headers: readonly string[]
  readonly log: Log
  /** Undefined: keys come from nowhere that could be read again. */
  readonly keys: KeySource | undefined
  /** What is in force of what the operator chose, for people to look at; holds no secret. */
  readonly settings: () => JsonObject
  /** Epoch milliseconds. */
  readonly startedAt: number
  /** Longest silence before a waiting client is sent a sign of life. */
  readonly keepAliveMs: number
  /** Epoch milliseconds. */
  now(): number
  draining(): boolean
  /** Browsers that are logged in on the dashboard. */
  readonly sessions: Sessions
  /** The status for pages that show it as it changes. */
  readonly live: Live
  /** Where it listens: scheme, host and port. */
  address(): string
}

/** One request at the gateway. */
export interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly context: GatewayContext
  /** Who asks; undefined on routes that take no client key. */
  readonly client: Client | undefined
  /** The request's body, where somebody has read it before. */
  readonly body?: Buffer
  /** Id of the request, in the answer's headers and the ledger. */
  readonly id: string
  /** Path after the route's own, decoded: the model of `/v1/models/{id}`. */
  readonly rest: string
  /** Aborts when the client leaves or the gateway stops waiting for it. */
  readonly signal: AbortSignal
}

export type Handler = (exchange: Exchange) => Promise<void> | void

/** A route cannot exist without saying who may use it. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'DELETE'
  /** Ends with `/` to take everything below it. */
  readonly path: string
  readonly access: Access
  readonly handle: Handler
}
