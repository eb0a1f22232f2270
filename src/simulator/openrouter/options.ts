/** An OpenRouter key; a plain string is an ordinary one without a cap. */
export interface OpenRouterKeyOptions {
  /** Default: `sk-or-v1-` and 64 hex digits from the seed. */
  readonly key?: string
  readonly disabled?: boolean
  /** The key's own spend cap in USD. It never stops free models. */
  readonly limitUsd?: number
  readonly limitReset?: 'daily' | 'weekly' | 'monthly'
}

export interface OpenRouterAccountOptions {
  /** Default `openrouter-1`, `openrouter-2`, … */
  readonly name?: string
  /** Default `user_` and 24 letters from the seed. */
  readonly userId?: string
  /** Default: one key made from the seed. All keys of an account share its limits. */
  readonly keys?: readonly (string | OpenRouterKeyOptions)[]
  /** Credits bought ever, in USD; from 9 the account has 1000 free requests a day, else 50. Default 0. */
  readonly creditsBought?: number
  /** Default: what was bought. A negative balance refuses free models too. */
  readonly balance?: number
  /** Free requests a minute. Default 20. */
  readonly perMinute?: number
  /** Free requests a day; default by `creditsBought`. */
  readonly perDay?: number
  /** Free requests other programs have made today. Default 0. */
  readonly foreignUsed?: number
  /** The privacy settings leave no free model: 404 on all of them. */
  readonly blocksFreeModels?: boolean
}

/** A model of the catalogue. Prices are strings in USD per token, as OpenRouter lists them. */
export interface OpenRouterModelOptions {
  readonly id: string
  /** Default: the id with the date 20260617. */
  readonly canonicalSlug?: string
  readonly name?: string
  readonly contextLength?: number
  readonly maxOutputTokens?: number
  /** The length of its vectors; it makes the model one for `/embeddings`. */
  readonly dimensions?: number
  readonly inputModalities?: readonly string[]
  readonly supportedParameters?: readonly string[]
  /** Default "0" and "0". */
  readonly pricing?: Readonly<Record<string, string>>
  /** The upstream provider's name. */
  readonly provider?: string
  /** Listed with an expiration date; gone that many days after the start. */
  readonly expiresInDays?: number
  /** 403 to everybody: only for listed coding agents. */
  readonly harnessOnly?: boolean
  /** Answers only "safe". */
  readonly classifier?: boolean
  readonly routes?: 'free' | 'auto'
}

export interface OpenRouterOptions {
  /** Default: three accounts with one key each and 50 free requests a day. */
  readonly accounts?: readonly OpenRouterAccountOptions[]
  readonly models?: readonly OpenRouterModelOptions[]
  /** Errors as before August 2026: no `limit_source`, no `remedy_hint`. Default false. */
  readonly oldErrors?: boolean
  /** `X-RateLimit-*` as HTTP headers too, besides the body. Default true. */
  readonly rateLimitHeaders?: boolean
  /** The unit of `X-RateLimit-Reset`. Default `ms`. */
  readonly resetUnit?: 'ms' | 's'
  /** Which limit speaks when both are reached. Default `day`. */
  readonly firstLimit?: 'day' | 'minute'
  /** Whether free limits also count models of price 0 without `:free`. Default true. */
  readonly countsZeroPrice?: boolean
  /** What a key at its spend cap gets. Default 402, as documented; 403 was captured. */
  readonly keyLimitStatus?: 402 | 403
  /** How old the free counter of `GET /key` may be. Default 60000; 0 is always fresh. */
  readonly keyStaleMs?: number
  /** Whether `GET /key` shows `free_model_daily_requests`. Default true. */
  readonly keyShowsFreeRequests?: boolean
  /** Lets `openrouter/free` land on a classifier. Default false. */
  readonly classifierInFreePool?: boolean
  /** Comment lines before the first token of a stream. Default 2. */
  readonly keepAliveComments?: number
  /** Where a chat stream's usage rides: a chunk with empty `choices`, or one with an empty delta. Default `empty-choices`. */
  readonly usageChunk?: 'empty-choices' | 'empty-delta'
  /** False shows the token counts only, without cost and details, as older captures of free models do. Default true. */
  readonly usageDetails?: boolean
  /** Part of each prompt that is found in the upstream's cache, 0 to 1. Default 0. */
  readonly cachedShare?: number
  /**
   * Whether `/messages` and `/responses` too end a stream with `[DONE]`, as captures of 2026 show and no official API
   * does. Anthropic's own clients break at it from version 1 on. Default false.
   */
  readonly extraDone?: boolean
  /**
   * The body of a refusal on `/responses`: `own` as its guide to errors says, `chat` as the schema of the API and the
   * guide to guardrails say. Default `own`.
   */
  readonly responsesErrors?: 'own' | 'chat'
}
