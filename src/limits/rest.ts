import type { Random } from '../clock.ts'

// Model names come from clients, so the maps must not grow with them.
const maxModels = 1000

/** Something that may have to rest: a key, an account, a model, a provider. The later end always wins. */
export class Rest {
  #until = 0
  #kind = ''
  #why = ''
  #setAt = Number.NEGATIVE_INFINITY
  #strikes = 0

  /** Epoch milliseconds; Infinity: until released by hand. */
  get until(): number {
    return this.#until
  }

  get kind(): string {
    return this.#kind
  }

  get why(): string {
    return this.#why
  }

  get setAt(): number {
    return this.#setAt
  }

  /** Failures since the last success. */
  get strikes(): number {
    return this.#strikes
  }

  active(now: number): boolean {
    return this.#until > now
  }

  /** Returns whether the end moved. */
  set(until: number, facts: { readonly kind: string; readonly why: string; readonly at: number }): boolean {
    this.#setAt = Math.max(this.#setAt, facts.at)
    if (until <= this.#until) return false
    this.#until = until
    this.#kind = facts.kind
    this.#why = facts.why
    return true
  }

  /**
   * The end of a short rest that doubles with each repetition, ± 20 %. Failures of calls that began before the last
   * one was noted belong to the same trouble: twenty at once are one step, not twenty.
   */
  grow(step: {
    readonly baseMs: number
    readonly maxMs: number
    readonly startedAt: number
    readonly now: number
    readonly random: Random
  }): number {
    if (step.startedAt >= this.#setAt) this.#strikes++
    const lengthMs = Math.min(step.maxMs, step.baseMs * 2 ** (Math.max(1, this.#strikes) - 1))
    return step.now + Math.round(lengthMs * (0.8 + 0.4 * step.random()))
  }

  /** A call succeeded: the next trouble starts small again. */
  proved(): void {
    this.#strikes = 0
  }

  release(): void {
    this.#until = 0
    this.#strikes = 0
  }
}

/** The rest of one model; when there are too many, one that is over is forgotten, else the oldest. */
export function restOf(models: Map<string, Rest>, model: string, now: number): Rest {
  const known = models.get(model)
  if (known !== undefined) return known
  if (models.size >= maxModels) models.delete(leastNeeded(models, now))
  const rest = new Rest()
  models.set(model, rest)
  return rest
}

function leastNeeded(models: ReadonlyMap<string, Rest>, now: number): string {
  for (const [model, rest] of models) if (!rest.active(now)) return model
  return models.keys().next().value ?? ''
}
