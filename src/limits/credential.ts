import type { Secret } from '../secret.ts'
import { type Cap, KeyBudget } from './key-budget.ts'
import { Rest } from './rest.ts'
import type { Want } from './want.ts'

/** One key as configured, and whether it may be used. */
export class Credential {
  readonly provider: string
  /** The variable or entry it came from; never the key itself. */
  readonly name: string
  readonly secret: Secret | undefined
  readonly fingerprint: string
  readonly rest: Rest = new Rest()
  /** Set aside by hand; nothing but a hand ends it. */
  readonly disabled: Rest = new Rest()
  readonly budget: KeyBudget = new KeyBudget()
  inFlight = 0
  lastError: string | undefined

  constructor(provider: string, name: string, secret: Secret | undefined) {
    this.provider = provider
    this.name = name
    this.secret = secret
    this.fingerprint = secret?.fingerprint ?? 'none'
  }

  /** Why it may not be used now. */
  resting(now: number): Rest | undefined {
    return [this.disabled, this.rest].find((rest) => rest.active(now))
  }

  /** Why it cannot take a call that its account can. */
  obstacle(
    { avoid, free }: Pick<Want, 'avoid' | 'free'>,
    now: number,
  ): Rest | SpentCap | 'tried' | undefined {
    const rest = this.resting(now)
    if (rest !== undefined) return rest
    const cap = free ? undefined : this.budget.spent(now)
    if (cap !== undefined) return new SpentCap(this.name, cap)
    return avoid.has(this.name) ? 'tried' : undefined
  }
}

/** A key may spend no more, by a cap that its owner set at the service. */
export class SpentCap {
  readonly key: string
  readonly cap: Cap

  constructor(key: string, cap: Cap) {
    this.key = key
    this.cap = cap
  }
}
