import type { Counter, Gauge, Histogram, Registry } from '@prometheus-io/client'
import type { RouterCore } from '../routing/core.ts'
import type { Observer } from '../routing/observer.ts'
import type { Status } from '../routing/status.ts'
import { Counts } from './counts.ts'
import { fillGauges } from './gauges.ts'
import { contentTypes, negotiate, toOpenMetrics } from './open-metrics.ts'
import { type CounterName, counters, type GaugeName, gauges, histograms, type Series } from './series.ts'

/** The figures of one router. */
export interface Metrics {
  /** For the settings of the core. */
  readonly observe: Observer
  /** All figures as of now, in the form that the Accept header prefers. */
  exposition(
    core: Pick<RouterCore, 'status' | 'models' | 'healthy'>,
    accept: string,
  ): Promise<{ readonly contentType: string; readonly text: string }>
}

// Names that checks of the exposition refuse: gauges that end as counters must, and two that hold their type.
const misnamed = [
  'nodejs_eventloop_utilization_histogram',
  'nodejs_eventloop_utilization_summary',

  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
  'nodejs_active_resources_total',
]

/** The library is loaded here, not where the router is: programs that embed it do without. */
export async function createMetrics(): Promise<Metrics> {
  const client = await import('@prometheus-io/client')
  const registry = new client.Registry()
  const registers = [registry]
  const settings = ({ name, help, labels }: Series) => ({ name, help, labelNames: [...labels], registers })
  const made = {
    counters: mapped(counters, (series) => new client.Counter<string>(settings(series))),
    histograms: mapped(
      histograms,
      (series) => new client.Histogram<string>({ ...settings(series), buckets: [...series.buckets] }),
    ),
    gauges: mapped(gauges, (series) => new client.Gauge<string>(settings(series))),
  }
  // What it would sample ten times a second, scraped or not, is left out below: as seldom as a timer can fire.
  client.collectDefaultMetrics({ register: registry, eventLoopUtilizationTimeout: 2 ** 31 - 1 })
  for (const name of misnamed) registry.removeSingleMetric(name)
  return new PrometheusMetrics(registry, made)
}

interface Made {
  readonly counters: Readonly<Record<CounterName, Counter<string>>>
  readonly histograms: Readonly<Record<keyof typeof histograms, Histogram<string>>>
  readonly gauges: Readonly<Record<GaugeName, Gauge<string>>>
}

class PrometheusMetrics implements Metrics {
  readonly observe: Observer
  readonly #registry: Registry
  readonly #made: Made
  #begun = false

  constructor(registry: Registry, made: Made) {
    this.#registry = registry
    this.#made = made
    this.observe = new Counts(made.counters, made.histograms)
  }

  async exposition(
    core: Pick<RouterCore, 'status' | 'models' | 'healthy'>,
    accept: string,
  ): Promise<{ readonly contentType: string; readonly text: string }> {
    const status = await core.status({ totals: false })
    const listed = await listedBy(core, status)
    if (!this.#begun) this.#begin(status)
    fillGauges(this.#made.gauges, { status, healthy: core.healthy(), listed })
    this.#countRefusals(status)
    const text = await this.#registry.metrics()
    const format = negotiate(accept)
    return {
      contentType: contentTypes[format],
      text: format === 'text' ? text.replaceAll(/ Nan$/gm, ' NaN') : toOpenMetrics(text),
    }
  }

  /** A counter that first shows with a 1 has no increase: what alerts watch is there from the first scrape on. */
  #begin(status: Status): void {
    this.#begun = true
    const { attempts, wasted } = this.#made.counters
    for (const { name: provider } of status.providers) {
      wasted.inc({ provider }, 0)
      for (const lane of ['free', 'included', 'paid'])
        attempts.inc({ provider, lane, outcome: 'done', fault: '' }, 0)
    }
  }

  #countRefusals({ spending }: Status): void {
    const counter = this.#made.counters.refusedByBudget
    counter.reset()
    for (const { name, refusedEver } of spending) counter.inc({ budget: name }, refusedEver)
  }
}

/** Catalogues are looked into only while a model rests. */
async function listedBy(
  core: Pick<RouterCore, 'models'>,
  { providers }: Status,
): Promise<(provider: string, model: string) => boolean> {
  const resting = providers.some(
    ({ restingModels, accounts }) =>
      restingModels.length > 0 || accounts.some((account) => account.restingModels.length > 0),
  )
  if (!resting) return () => false
  const names = new Set((await core.models()).map(({ provider, id }) => JSON.stringify([provider, id])))
  return (provider, model) => names.has(JSON.stringify([provider, model]))
}

function mapped<Name extends string, From, To>(
  record: Readonly<Record<Name, From>>,
  make: (from: From) => To,
): Record<Name, To> {
  return Object.fromEntries(Object.entries<From>(record).map(([name, from]) => [name, make(from)])) as Record<
    Name,
    To
  >
}
