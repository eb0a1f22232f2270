import type { Counter, Histogram } from '@prometheus-io/client'
import type { AttemptSeen, Observer, RequestSeen } from '../routing/observer.ts'
import type { CounterName, HistogramName } from './series.ts'

// A request whose end is never told (there is none such at the gateway) must not be remembered for ever.
const mostOpen = 10_000

/** Adds up what the core and the gateway tell. Only labels from config, catalogue and fixed lists pass. */
export class Counts implements Observer {
  readonly #counters: Readonly<Record<CounterName, Counter<string>>>
  readonly #histograms: Readonly<Record<HistogramName, Histogram<string>>>
  /** Milliseconds of upstream calls by request, until that ends. */
  readonly #upstreamMs: Map<string, number> = new Map()

  constructor(
    counters: Readonly<Record<CounterName, Counter<string>>>,
    histograms: Readonly<Record<HistogramName, Histogram<string>>>,
  ) {
    this.#counters = counters
    this.#histograms = histograms
  }

  attempt(seen: AttemptSeen): void {
    const { provider, lane, state, fault, usage, nanoUsd, client } = seen
    const { attempts, wasted, tokens, cost, unpriced } = this.#counters
    attempts.inc({ provider, lane, outcome: state, fault: fault ?? '' })
    if (seen.wasted) wasted.inc({ provider })
    if (usage !== undefined) {
      const labels = { provider, lane, model: seen.listed ? seen.model : 'other' }
      for (const type of ['input', 'cached', 'output', 'reasoning'] as const) {
        const count = usage[type] ?? 0
        if (count > 0) tokens.inc({ ...labels, type }, count)
      }
    }
    if (nanoUsd === undefined) unpriced.inc({ provider, lane })
    else if (nanoUsd > 0) cost.inc({ provider, lane, client }, nanoUsd / 1e9)
    if (this.#upstreamMs.size >= mostOpen) this.#upstreamMs.clear()
    this.#upstreamMs.set(seen.call, (this.#upstreamMs.get(seen.call) ?? 0) + seen.durationMs)
  }

  request({
    id,
    client,
    dialect,
    provider = 'none',
    outcome,
    durationMs,
    firstContentMs,
  }: RequestSeen): void {
    this.#counters.requests.inc({ client, dialect, provider, outcome })
    this.#histograms.duration.observe({ provider }, durationMs / 1000)
    if (firstContentMs !== undefined)
      this.#histograms.firstContent.observe({ provider }, firstContentMs / 1000)
    const upstreamMs = this.#upstreamMs.get(id) ?? 0
    this.#upstreamMs.delete(id)
    this.#histograms.overhead.observe({}, Math.max(0, durationMs - upstreamMs) / 1000)
  }
}
