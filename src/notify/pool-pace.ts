import { forecastOf, type Sample } from '../routing/forecast.ts'
import type { ProviderStatus, Status } from '../routing/status.ts'
import type { PoolForecast } from './outlook.ts'

const everyMs = 60_000
/** Two hours and a little. */
const maxSamples = 125
/** In an hour or a minute a window is spent and back before anybody has read a message. */
const long: ReadonlySet<string> = new Set(['day', 'week', 'month'])

/** One limit of all accounts of a provider together. */
interface PoolWindow {
  readonly provider: string
  /** Metric and window: `requests/day`. */
  readonly window: string
  readonly used: number
  readonly left: number
  readonly resetsAt: number
}

/** Remembers what pools had used, minute by minute, and tells where that leads. */
export class PoolPace {
  readonly #samples: Map<string, Sample[]> = new Map()

  /** Takes note of a status and tells what follows from it. */
  see(status: Status, now: number): readonly PoolForecast[] {
    return status.providers.flatMap(windowsOf).flatMap((pool) => {
      const { provider, window, left, resetsAt } = pool
      const samples = this.#note(`${provider}/${window}`, { at: now, used: pool.used })
      const forecast = forecastOf(samples, { left, resetsAt }, now)
      return forecast === undefined ? [] : [{ ...forecast, provider, window, left, resetsAt }]
    })
  }

  #note(name: string, sample: Sample): readonly Sample[] {
    const samples = this.#samples.get(name) ?? []
    this.#samples.set(name, samples)
    const last = samples.at(-1)
    if (last === undefined || sample.at - last.at >= everyMs) samples.push(sample)
    if (samples.length > maxSamples) samples.shift()
    return samples
  }
}

function windowsOf(provider: ProviderStatus): readonly PoolWindow[] {
  const found = new Map<string, PoolWindow>()
  const unknown = new Set<string>()
  for (const { windows } of provider.accounts) {
    for (const { metric, window, lane, used, remaining, resetsAt } of windows) {
      if (window === undefined || !long.has(window) || resetsAt === undefined) continue
      if (lane === 'free' && provider.lane !== 'free') continue
      const name = `${metric}/${window}`
      // Where one account's ceiling is unknown, so is what the pool has left.
      if (remaining === undefined) unknown.add(name)
      const sum = found.get(name)
      found.set(name, {
        provider: provider.name,
        window: name,
        used: (sum?.used ?? 0) + used,
        left: (sum?.left ?? 0) + (remaining ?? 0),
        resetsAt: Date.parse(resetsAt),
      })
    }
  }
  return [...found.values()].filter(({ window }) => !unknown.has(window))
}
