import type { Clock } from '../clock.ts'
import { isRouterError, ProviderError, type RouterError } from '../errors.ts'
import type { LedgerStore } from '../ledger/ledger.ts'
import { cut, type Step, timeOf, Trail, type TrailFacts, type TrailKeeper } from './trail.ts'

/** A decision as it stands in the ledger, as JSON. */
export interface DecisionRecord {
  readonly client: string
  readonly asked: string
  readonly end: 'answered' | 'failed'
  readonly error?: { readonly code: string; readonly message: string; readonly until?: string }
  readonly steps: readonly Step[]
  /** Steps that found no room. */
  readonly more?: number
  /** Requests of the same client that failed without a call before this one and have no record. */
  readonly unrecorded?: { readonly requests: number; readonly since: string }
}

// Whoever asks a spent router a thousand times a second is told a thousand times; writing it down once a second will do.
const restMs = 1000
// Names of clients come from the config; a library may pass others.
const mostClients = 1000

interface Quiet {
  at: number
  requests: number
}

/** Writes down what stood in the way of requests: nothing for those that had nothing in their way. */
export class Decisions implements TrailKeeper {
  readonly #store: () => LedgerStore | undefined
  readonly #clock: Clock
  readonly #quiet: Map<string, Quiet> = new Map()

  constructor(ports: { readonly store: () => LedgerStore | undefined; readonly clock: Clock }) {
    this.#store = ports.store
    this.#clock = ports.clock
  }

  begin(facts: TrailFacts): Trail {
    return new Trail(facts, this)
  }

  answered(trail: Trail): void {
    this.#write(trail, '"end":"answered"')
  }

  /** One without an upstream call has no other row; of those one a second and client is kept. */
  failed(trail: Trail, error: unknown): void {
    if (!isRouterError(error) || error.code === 'closed') return
    const end = `"end":"failed","error":${JSON.stringify(errorOf(error))}`
    if (trail.attempts > 0) {
      // A client that left during its first attempt: that row says it.
      if (trail.size > 0) this.#write(trail, end)
      return
    }
    const unrecorded = this.#unrecorded(trail.facts.client)
    if (unrecorded !== false) this.#write(trail, end + unrecorded)
  }

  /** False: it is not written down; else what was not before, as a member. */
  #unrecorded(client: string): string | false {
    const now = this.#clock.now()
    const last = this.#quiet.get(client)
    // A clock that was set back must not silence anybody.
    if (last !== undefined && now >= last.at && now - last.at < restMs) {
      last.requests++
      return false
    }
    this.#quiet.delete(client)
    this.#quiet.set(client, { at: now, requests: 0 })
    if (this.#quiet.size > mostClients) this.#quiet.delete(this.#quiet.keys().next().value ?? '')
    if (last === undefined || last.requests === 0) return ''
    return `,"unrecorded":${JSON.stringify({ requests: last.requests, since: timeOf(last.at) })}`
  }

  #write({ facts, steps, more }: Trail, end: string): void {
    const who = `"client":${JSON.stringify(cut(facts.client, 100))},"asked":${JSON.stringify(cut(facts.asked, 200))}`
    const rest = more > 0 ? `,"more":${more}` : ''
    const trail = `{${who},${end}${rest},"steps":[${steps.join(',')}]}`
    this.#store()?.decide({ call: facts.call, at: this.#clock.now(), trail })
  }
}

function errorOf(error: RouterError): DecisionRecord['error'] {
  const until = error instanceof ProviderError ? error.availableAt : undefined
  return {
    code: error.code,
    message: cut(error.message, 500),
    ...(until === undefined ? {} : { until: until.toISOString() }),
  }
}

/** Undefined when it is no record: the ledger's text was written by another version. */
export function readDecision(trail: string): DecisionRecord | undefined {
  try {
    const record = JSON.parse(trail) as DecisionRecord
    return Array.isArray(record.steps) ? record : undefined
  } catch {
    return undefined
  }
}
