import { distance } from 'fastest-levenshtein'
import type { Fetcher, ModelInfo, Provider } from '../providers/provider.ts'

/** A free model that is not what it was: it has a price now, or is listed no more. */
export interface Drift {
  readonly model: string
  readonly change: 'priced' | 'gone'
  /** Epoch milliseconds of the read that showed it. */
  readonly at: number
}

/** What one provider lists, as last read. Empty until the first read succeeds. */
export class Catalogue {
  readonly #provider: Provider
  #models: readonly ModelInfo[] = []
  #byId: ReadonlyMap<string, ModelInfo> = new Map()
  #readAt: number | undefined
  #triedAt: number | undefined
  readonly #drift: Map<string, Drift> = new Map()

  constructor(provider: Provider) {
    this.#provider = provider
  }

  get models(): readonly ModelInfo[] {
    return this.#models
  }

  /** Epoch milliseconds of the last successful read; undefined: nothing is known. */
  get readAt(): number | undefined {
    return this.#readAt
  }

  /** Epoch milliseconds of the last read, whether it succeeded or not. */
  get triedAt(): number | undefined {
    return this.#triedAt
  }

  /** Undefined when the model is not listed, or nothing has been read. */
  info(model: string): ModelInfo | undefined {
    return this.#byId.get(model) ?? this.#byId.get(this.#provider.upstreamModel(model))
  }

  /** Whether a model was free when this router first saw it and is listed with a price now. */
  gainedPrice(model: string): boolean {
    return this.#drift.get(this.info(model)?.id ?? model)?.change === 'priced'
  }

  /** Free models that gained a price or vanished since this router started, until they are free again. */
  get drift(): readonly Drift[] {
    return [...this.#drift.values()]
  }

  /**
   * Keeps the old list when the read fails; the caller hears of it. An empty list counts as a failure. Returns what
   * drifted since the last read.
   */
  async read(get: Fetcher, now: number): Promise<readonly Drift[]> {
    this.#triedAt = now
    const models = (await this.#provider.models?.(get, this.#models)) ?? []
    if (models.length === 0) throw new Error(`${this.#provider.title} lists no models`)
    const before = this.#models
    this.#models = models
    this.#byId = new Map(models.map((model) => [model.id, model]))
    this.#readAt = now
    return this.#compare(before, now)
  }

  #compare(before: readonly ModelInfo[], at: number): readonly Drift[] {
    for (const model of this.#drift.keys())
      if (this.#byId.get(model)?.free === true) this.#drift.delete(model)
    const drifts = before.flatMap(({ id, free }): Drift[] => {
      const now = this.#byId.get(id)
      if (!free || now?.free === true) return []
      return [{ model: id, change: now === undefined ? 'gone' : 'priced', at }]
    })
    // Gone for a while, then back with a price: no less of a surprise.
    for (const { model, change } of this.#drift.values())
      if (change === 'gone' && this.#byId.has(model)) drifts.push({ model, change: 'priced', at })
    for (const drift of drifts) this.#drift.set(drift.model, drift)
    return drifts
  }
}

/** Up to three listed names that look like `model`, the likeliest first. */
export function nearNames(model: string, names: readonly string[]): string[] {
  const wanted = model.toLowerCase()
  return names
    .map((name) => ({ name, score: likeness(wanted, name.toLowerCase()) }))
    .filter(({ score }) => score < 0.45)
    .toSorted((left, right) => left.score - right.score)
    .slice(0, 3)
    .map(({ name }) => name)
}

/** 0: the same; 1: nothing in common. A name that holds the other one counts as near. */
function likeness(wanted: string, name: string): number {
  const apart = distance(wanted, name) / Math.max(wanted.length, name.length)
  const bare = name.slice(name.indexOf('/') + 1)
  if (wanted.length >= 4 && (name.includes(wanted) || wanted.includes(bare))) return Math.min(apart, 0.3)
  return Math.min(apart, distance(wanted, bare) / Math.max(wanted.length, bare.length))
}
