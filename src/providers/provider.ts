import type { Capability, DialectName, Json, JsonObject, RequestKind, Usage } from '../chat/types.ts'
import type { AccountNews } from './account-news.ts'

export type { AccountNews, Capacity, DayNews, KeyNews, LimitNews } from './account-news.ts'

/**
 * An upstream service, mostly as data. Required members are what every one has; what a service lacks is left out.
 * A provider opens no connection and knows no dialect's code: it names dialects, paths, rules and readers.
 */
export interface Provider {
  /** As in config, logs and `preferProvider`. */
  readonly name: string
  /** For people: "OpenRouter". */
  readonly title: string
  readonly baseUrl: string
  /** Environment variables: keys are `<key>`, `<key>_1` … `<key>_N` (each also as `…_FILE`). */
  readonly environment: { readonly key: string; readonly baseUrl: string }
  /** Whether it may be used without a key: always, or only on this machine and in a private network. */
  readonly keyless?: 'always' | 'nearby'
  /** By dialect; of several of one kind (chat, embeddings) the preferred one first. */
  readonly speaks: Readonly<Partial<Record<DialectName, Speech>>>
  authorize(secret: string): Readonly<Record<string, string>>

  /** What `auto` means here. `free` pools are tried before `paid` ones. */
  readonly lane: Lane
  /** The order in which accounts are used: one after the other until spent, or evenly. */
  readonly spread: 'in-order' | 'evenly'
  /** Ways to choose the model for `auto`, by name; the first is the default. */
  readonly auto: Readonly<Record<string, (ask: AutoAsk) => AutoChoice>>
  /** Whether a model named like this belongs here when no catalogue has been read. */
  claims(model: string): boolean
  /**
   * Names that the service makes out by itself though its catalogue does not list them: variants, aliases, presets, and
   * models of a kind that it lists elsewhere.
   */
  unlisted?(model: string, kind: RequestKind): boolean
  /** The model's name as this service wants it; also how catalogue names are compared. */
  upstreamModel(model: string): string
  /** Whether the service picks another model by itself for each call of this one. */
  picksModel?(model: string): boolean
  /** Whether calls of this model draw on the free quota. */
  isFree(model: string, info: ModelInfo | undefined): boolean

  /** Quota that every account has until the service says otherwise. */
  readonly limits: readonly Limit[]
  /** First match decides. */
  readonly faultRules: readonly FaultRule[]
  /** Reads an error body, leniently: never throws. `now` is for times told as a distance or an HTTP date. */
  readFailure(reply: RawReply, now: number): Failure
  /** Top-level members to set on an outgoing request. */
  patch?(call: OutgoingCall): JsonObject
  /** The same, for members that only guard the user; left out once the service has refused them (fault kind `guard`). */
  guards?(call: OutgoingCall): JsonObject
  /** Why a model must not be called although it is named as a free one: it has a price now. Undefined: it may. */
  drifted?(model: string, info: ModelInfo | undefined): string | undefined
  /** Reads the account behind a key by a metadata call that spends no quota. */
  account?(get: Fetcher): Promise<AccountNews>
  /** `before`: what the last read gave, so that what is known need not be asked again. */
  models?(get: Fetcher, before: readonly ModelInfo[]): Promise<readonly ModelInfo[]>
  /** What a call costs when the service does not say; undefined when no price is known. */
  price?(model: string, usage: Usage, at: number): Cost | undefined
  /** Why a call may cost more than its tokens, in words such as `plugins`; undefined: it may not. */
  extraCost?(call: OutgoingCall): string | undefined
}

/** A path that takes requests of one dialect. */
export interface Speech {
  readonly path: string
  /** The service itself lacks this path; servers of one's own (on another host) have it. */
  readonly only?: 'elsewhere'
  /**
   * Whether a request asks for what this path cannot do as it is written; it is then said in another dialect of the
   * service, else written anew in the same one.
   */
  lacks?(member: (name: string) => Json | undefined): boolean
}

/** What a choice for `auto` may look at. */
export interface AutoAsk {
  needs(): readonly Capability[]
  /** Rough size of the request. */
  readonly inputTokens: number
  /** Empty while nothing has been read. */
  readonly catalogue: readonly ModelInfo[]
  readonly now: number
  /** How often a model failed since it last answered; undefined while it rests. */
  trouble(model: string): number | undefined
}

export interface AutoChoice {
  readonly model: string
  /** Further models that the service may fall to by itself, in this order. */
  readonly others?: readonly string[]
}

/** A request about to leave. */
export interface OutgoingCall {
  readonly model: string
  readonly others: readonly string[]
  readonly free: boolean
  readonly dialect: DialectName
  readonly stream: boolean
  /** What the catalogue knows of the model. */
  readonly info?: ModelInfo
  /** A top-level member of the request, in the service's dialect. */
  member(name: string): Json | undefined
}

/** `included`: part of a plan that is paid for anyway. */
export type Lane = 'free' | 'included' | 'paid'

/** What a limit counts. `in-flight` has no window: it counts calls that are out at the same time. */
export type Metric = 'requests' | 'tokens' | 'nano-usd' | 'in-flight'

/** All aligned to UTC; weeks begin on Monday. */
export type WindowName = 'minute' | 'hour' | 'day' | 'week' | 'month'

/** A ceiling per account. */
export interface Limit {
  readonly name: string
  readonly metric: Metric
  /** Left out for `in-flight` only. */
  readonly window?: WindowName
  /** Undefined: the service has a ceiling but has not told it yet. */
  readonly max?: number
  /** The operator's own ceiling: the service's word cannot raise it. */
  readonly ceiling?: number
  /** `free`: only calls of free models count. */
  readonly lane: 'free' | 'all'
}

export interface ModelInfo {
  readonly id: string
  readonly free: boolean
  /** Left out for models that answer in words. */
  readonly kind?: 'embeddings'
  /** Undefined: unknown. */
  readonly capabilities?: readonly Capability[]
  readonly contextTokens?: number
  /** How a model can be told to think, in the service's own words: `true`, `false`, or names of levels. */
  readonly thinking?: readonly (string | boolean)[]
  /** The service itself said what the model can do; else it is written down in this package. */
  readonly described?: boolean
  /** Epoch milliseconds after which it may be gone. */
  readonly expiresAt?: number
  readonly price?: Price
}

/** Nano-dollars per token: $0.15 per million tokens is 150. */
export interface Price {
  readonly input: number
  readonly output: number
  readonly cached?: number
  readonly cacheWrite?: number
  /** For the call itself, whatever its length. */
  readonly request?: number
  readonly peak?: Peak
  /** Prices that may take the place of these. */
  readonly dearer?: readonly DearerPrice[]
}

/** What some calls cost instead: those of `fromInput` tokens and more; at which hours or for what else is not looked at. */
export interface DearerPrice {
  readonly fromInput: number
  readonly input?: number
  readonly output?: number
  readonly request?: number
}

/** Hours of some weekdays (0: Sunday), by UTC, in which calls cost a multiple. */
export interface Peak {
  readonly factor: number
  readonly weekdays: readonly number[]
  /** Since midnight. */
  readonly fromMs: number
  readonly untilMs: number
}

/** What a call cost, and by whose price. */
export interface Cost {
  readonly nanoUsd: number
  /** For the ledger: `table 2026-09-15`, `config`, … */
  readonly source: string
}

/** A GET (or POST with a body) to this provider's host only, with the key on. Rejects when the status is not 2xx. */
export type Fetcher = (path: string, body?: JsonObject) => Promise<Json>

export interface RawReply {
  /** The HTTP status, or the code embedded in an error inside a 200. */
  readonly status: number
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
}

/** An error answer, read but not yet judged. */
export interface Failure {
  readonly status: number
  /** The service's own words; empty when the body said nothing. */
  readonly message: string
  /** More words for people, such as what a third party behind the service said. Rules never look at it. */
  readonly detail?: string
  /** A stable machine-readable origin or category, if the service sends one. */
  readonly source?: string
  /** Whether the body was of the service's own error shape. */
  readonly shaped: boolean
  /** Epoch milliseconds, from rate-limit headers or their copy in the body. */
  readonly resetsAt?: number
  /** From Retry-After or its copy in the body. */
  readonly retryAfterMs?: number
  /** Ceiling named beside the refusal. */
  readonly limit?: number
  /** Account named in the body. */
  readonly account?: string
  /** Marks that rules may ask for, e.g. `provider-named`. */
  readonly marks: readonly string[]
}

export type FaultKind =
  | 'credential'
  | 'credits'
  | 'quota'
  | 'rate'
  | 'busy'
  | 'no-model'
  | 'forbidden-model'
  | 'bad-request'
  | 'too-long'
  | 'filtered'
  | 'network'
  | 'timeout'
  | 'broken-stream'
  | 'empty'
  | 'blocked'
  | 'guard'
  | 'aborted'
  | 'unknown'

/** Who is to blame, and so who rests. `account-model`: this account with this model; others may go on. */
export type FaultScope = 'request' | 'key' | 'account' | 'account-model' | 'model' | 'provider'

/** One row of a provider's fault table. All conditions given must hold. */
export interface FaultRule {
  /** Name of the row, for tests and logs: `free-day`. */
  readonly id: string
  readonly status?: number | readonly number[]
  /** Prefix of `Failure.source`. */
  readonly source?: string
  readonly message?: RegExp
  readonly mark?: string
  readonly kind: FaultKind
  readonly scope: FaultScope
  /** `free`: only the free lane of the account rests. Default `all`. */
  readonly lane?: 'free' | 'all'
  /** The limit that is now known to be spent, by name. */
  readonly limit?: string
  /** When the service does not say: the end of which window. */
  readonly rests?: RestUntil
}

/** How long a blamed subject rests when the answer states no time. `short` grows with each repetition. */
export type RestUntil =
  | 'next-minute'
  | 'next-day'
  | 'next-5h'
  | 'next-monday'
  | 'next-month'
  | 'released'
  | 'short'
  | 'hour'

/** A judged failure: what it is, who rests, until when. */
export interface Fault {
  readonly rule: string
  readonly kind: FaultKind
  readonly scope: FaultScope
  readonly lane: 'free' | 'all'
  readonly message: string
  readonly status?: number
  /** Epoch milliseconds; Infinity until released by hand; undefined: rests by the growing short cooldown. */
  readonly until?: number
  /** Whether `until` is the service's own word. */
  readonly stated: boolean
  readonly limit?: { readonly name: string; readonly max?: number }
  readonly account?: string
  /** Nothing of the call left this machine, so it used and cost nothing. */
  readonly unsent?: boolean
}
