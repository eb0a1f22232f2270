import type { Usage } from '../../chat/types.ts'
import { chargeFor } from '../prices.ts'
import type { Cost, Peak, Price } from '../provider.ts'
import { hourMs } from '../resets.ts'
import { hostedName } from './families.ts'

/** The day the table was last compared with a copy of https://ollama.com/pricing; the service has no price API. */
export const priceVersion: string = '2026-09-15'

/**
 * Models named `deepseek-v4-…` cost twice as much Monday to Friday, 12:00 to 18:00 UTC
 * (github.com/ifiokjr/monopi/pull/379, github.com/NousResearch/hermes-agent/pull/108579). Whether v4.1 does is not known.
 */
const peak: Peak = { factor: 2, weekdays: [1, 2, 3, 4, 5], fromMs: 12 * hourMs, untilMs: 18 * hourMs }

/**
 * Nano-dollars per token. From copies of the page in github.com/anomalyco/models.dev (pulls 7003 and 7108) and
 * github.com/fgrehm/pi-ollama-cloud/issues/51. Models without a sound row are left out: unknown is better than wrong.
 */
const prices: ReadonlyMap<string, Price> = new Map([
  ['deepseek-v4.1-flash', { input: 150, cached: 3, output: 600 }],
  ['deepseek-v4-flash', { input: 220, cached: 7, output: 660, peak }],
  ['deepseek-v4-pro', { input: 660, cached: 22, output: 1980, peak }],
  ['gemma4:31b', { input: 140, cached: 50, output: 400 }],
  ['glm-5.3', { input: 1400, cached: 260, output: 4400 }],
  ['glm-5.3-flash', { input: 150, cached: 30, output: 500 }],
  ['glm-5.2', { input: 1400, cached: 260, output: 4400 }],
  ['glm-5.1', { input: 1000, cached: 200, output: 3200 }],
  ['gpt-oss:120b', { input: 150, cached: 14, output: 600 }],
  ['gpt-oss:20b', { input: 70, cached: 35, output: 300 }],
  ['kimi-k3', { input: 3000, cached: 300, output: 15_000 }],
  ['kimi-k2.7-code', { input: 950, cached: 190, output: 4000 }],
  ['kimi-k2.6', { input: 950, cached: 160, output: 4000 }],
  ['minimax-m3', { input: 600, cached: 120, output: 2400 }],
  ['minimax-m2.7', { input: 300, cached: 60, output: 1200 }],
  ['mistral-large-3:675b', { input: 500, cached: 500, output: 1500 }],
  ['nemotron-3-ultra', { input: 100, cached: 100, output: 3000 }],
  ['nemotron-3-nano:30b', { input: 60, output: 240 }],
])

/** The price of a model: its own row, else that of the name before the tag. */
export function priceOf(model: string): Price | undefined {
  const name = hostedName(model).toLowerCase()
  return prices.get(name) ?? prices.get(name.split(':', 1)[0] ?? name)
}

/** What a call that began at `at` costs by the table; undefined for a model without a known price. */
export function price(model: string, usage: Usage, at: number): Cost | undefined {
  const row = priceOf(model)
  const nanoUsd = row === undefined ? undefined : chargeFor(row, usage, at)
  return nanoUsd === undefined ? undefined : { nanoUsd, source: `table ${priceVersion}` }
}
