import type { Clock, Random } from '../clock.ts'
import type { LedgerStore } from '../ledger/ledger.ts'
import type { Limit, Provider } from '../providers/provider.ts'
import type { Secret } from '../secret.ts'
import type { Observer } from './observer.ts'
import type { Policy } from './policy.ts'

/** Everything a router is made of, after config and environment have been read and checked. */
export interface RouterSettings {
  readonly providers: readonly ProviderSettings[]
  readonly routing: RoutingSettings
  readonly policy: Policy
  /** Called once, when the router starts. */
  readonly openStore: () => Promise<LedgerStore>
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly unknown: UnknownHeard
  /** Told of every call and request that has ended. */
  readonly observe?: Observer
}

export interface ProviderSettings {
  readonly provider: Provider
  /** Scheme, host, port and path in front of the provider's own paths. */
  readonly baseUrl: string
  readonly keys: readonly KeySettings[]
  /** In place of the provider's own. */
  readonly limits?: readonly Limit[]
  /** The model for `auto` here, in place of the provider's own choice. */
  readonly autoModel?: string
  /** Which of the provider's ways to choose for `auto`; default its first. */
  readonly auto?: string
}

export interface KeySettings {
  /** The variable or entry it came from. */
  readonly name: string
  /** Undefined: a local server that wants none. */
  readonly secret: Secret | undefined
  /** Keys with the same name here share one account. */
  readonly account?: string
}

export interface RoutingSettings {
  /** Upstream calls one request may cost at the most. */
  readonly attempts: number
  /** After this long no further attempt begins. */
  readonly deadlineMs: number
  readonly connectMs: number
  /** Longest wait for the first content of an answer; keep-alives do not count as content. */
  readonly firstContentMs: number
  /** Longest wait for an answer that is not streamed: nothing of it comes before its end. */
  readonly wholeMs: number
  /** Longest silence inside an answer. */
  readonly idleMs: number
  /** Longest whole answer. */
  readonly totalMs: number
  /** Longest wait for a call in flight to end, where an account takes only so many at once. */
  readonly slotWaitMs: number
  /** Longest wait for spent quota to return, for requests that do not say; 0: they are refused at once. */
  readonly maxWaitMs: number
  /** Models by other names; a name that ends with `*` stands for all that begin so. */
  readonly aliases: Readonly<Record<string, string>>
}

export const defaultRouting: RoutingSettings = {
  attempts: 6,
  deadlineMs: 240_000,
  connectMs: 5_000,
  firstContentMs: 90_000,
  // Under the five minutes after which Node's own fetch gives up on a silent server.
  wholeMs: 280_000,
  idleMs: 60_000,
  totalMs: 600_000,
  slotWaitMs: 15_000,
  maxWaitMs: 0,
  aliases: {},
}

/** Told of an error answer that no rule knows, with everything personal taken out. */
export type UnknownHeard = (
  provider: string,
  reply: { readonly status: number; readonly text: string },
) => void

/** Where the router reports what an operator should know. `facts` never holds a secret. */
export interface Log {
  info(message: string, facts?: Readonly<Record<string, unknown>>): void
  warn(message: string, facts?: Readonly<Record<string, unknown>>): void
}

export const silentLog: Log = { info: () => {}, warn: () => {} }
