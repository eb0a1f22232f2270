export type OllamaPlan = 'payg' | 'pro' | 'max' | 'team' | 'legacy_free' | 'legacy_pro' | 'legacy_max'

export interface OllamaAccountOptions {
  /** Default `ollama-1`, `ollama-2`, … It is the NAME inside limit texts. */
  readonly name?: string
  /** Default: one key made from the seed. All keys of an account share its limits. */
  readonly keys?: readonly string[]
  /** Default `pro`. `payg`, `pro`, `max` and `team` pay by token; the legacy plans count 5-hour and weekly windows. */
  readonly plan?: OllamaPlan
  /** Purchased credit in USD. Default 0; 10 on `payg`. */
  readonly balanceUsd?: number
  /** What is left of the month's included credit. Default: all of it (60, 300 or 1000 by plan; 0 on `payg`). */
  readonly includedUsd?: number
  /** A moment at which a billing month began, ISO 8601. Default: calendar months. */
  readonly periodStart?: string
  /** Requests a 5-hour session allows on a legacy plan. The real meter is hidden; these numbers are made up. */
  readonly sessionRequests?: number
  readonly weeklyRequests?: number
  /** Requests made before the start. Default 0. */
  readonly sessionUsed?: number
  readonly weeklyUsed?: number
  /** Requests at once. Default by plan: 1, 3 or 10. */
  readonly concurrency?: number
  /** Real milliseconds a request waits for a free slot. Default 30000. */
  readonly slotWaitMs?: number
  /** The models this plan may call. Default: all; on `legacy_free` the seven that answered on it. */
  readonly models?: readonly string[]
}

/** A cloud model; prices in USD per million tokens. */
export interface OllamaModelOptions {
  readonly name: string
  readonly contextLength?: number
  /** Besides `completion`. With `embedding` the model makes vectors and nothing else; the hosted service has none of those. */
  readonly capabilities?: readonly ('tools' | 'thinking' | 'vision' | 'embedding')[]
  /** The length of its vectors, as `/api/show` tells it. Default 4096; 768 with `embedding`. */
  readonly embeddingLength?: number
  readonly inputPrice: number
  readonly cachedPrice: number
  readonly outputPrice: number
  /** Twice the price Monday to Friday, 12:00 to 18:00 UTC. */
  readonly peaks?: boolean
  /** On a legacy plan it needs purchased credit. */
  readonly extraUsage?: boolean
}

export interface OllamaOptions {
  /** Default: two accounts with one key each on `pro`. */
  readonly accounts?: readonly OllamaAccountOptions[]
  readonly models?: readonly OllamaModelOptions[]
  /** Ends gateway errors with ` (ref: <uuid>)`. Default true. */
  readonly refs?: boolean
  /** 401, 500 and 503 as plain text instead of JSON. Default false. */
  readonly plainErrors?: boolean
  /** Part of each prompt that is found in the cache, 0 to 1. Default 0. */
  readonly cachedShare?: number
  /** Whether `/api/show` tells which `think` values a model takes, as newer servers do. Default false. */
  readonly showsThinking?: boolean
  /** What a credit plan with nothing left answers; both are guesses of the documentation's readers. Default 402. */
  readonly spentStatus?: 402 | 429
}
