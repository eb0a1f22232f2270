import type { PriceSetting } from '../prices.ts'
import type { Lane, Limit } from '../provider.ts'

/** An OpenAI-compatible service, as its user describes it. */
export interface CompatibleOptions {
  /** As in config and logs; `<name>/` in front of a model sends it here. */
  readonly name: string
  readonly title?: string
  /** With its path: https://api.groq.com/openai/v1. */
  readonly baseUrl: string
  /** Environment variable of the keys. Default: the name in capitals and `_API_KEY`. */
  readonly keyEnv?: string
  /** `included`: paid for by a subscription; a call costs nothing more unless `prices` say otherwise. */
  readonly lane: Lane
  readonly limits: readonly Limit[]
  /** The only models used. Left out: the live list decides. */
  readonly models?: readonly string[]
  readonly autoModel?: string
  /** By model. */
  readonly prices?: Readonly<Record<string, PriceSetting>>
  /** When the prices were looked up; kept with every cost they make. */
  readonly pricesVersion?: string
  /** Default: yes, except on this machine. */
  readonly needsKey?: boolean
  /** Whether streams are asked for their usage. Default yes; saves the first refusal at Mistral, which tells it unasked. */
  readonly streamUsage?: boolean
}
