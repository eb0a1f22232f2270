import type { LimitCounter } from '../limits/counter.ts'
import { keptOf } from '../limits/exhausted.ts'
import type { AccountView, Chosen, KeyView } from '../limits/pool.ts'
import type { Want } from '../limits/want.ts'
import type { Metric, WindowName } from '../providers/provider.ts'
import { timeOf, type Told, told } from './trail.ts'

/** An account as it stands to one call. */
export interface PlannedAccount {
  readonly id: string
  readonly usable: boolean
  /** By which rule it has its place; left out when it cannot take the call. */
  readonly chosen?: Chosen
  readonly obstacle?: Told
  readonly inFlight: number
  /** Those that the call would draw on. */
  readonly limits: readonly PlannedLimit[]
  /** In the order in which they would be used. */
  readonly keys: readonly PlannedKey[]
}

/** In the units of its metric. `max` and `left` are missing while the ceiling is unknown. */
export interface PlannedLimit {
  readonly name: string
  readonly metric: Metric
  readonly window?: WindowName
  readonly used: number
  readonly max?: number
  /** Kept for other clients. */
  readonly kept?: number
  readonly left?: number
  readonly resetsAt?: string
}

export interface PlannedKey {
  readonly name: string
  readonly masked: string
  readonly usable: boolean
  readonly obstacle?: Told
  /** Its own spending cap at the service. */
  readonly cap?: { readonly usd: number; readonly leftUsd: number; readonly resetsAt?: string }
}

export function plannedAccount(view: AccountView, want: Want, now: number): PlannedAccount {
  const { account, chosen, obstacle, keys } = view
  return {
    id: account.id,
    usable: obstacle === undefined,
    ...(chosen === undefined ? {} : { chosen }),
    ...(obstacle === undefined ? {} : { obstacle: told(obstacle) }),
    inFlight: account.inFlight,
    limits: [...account.countersFor(want.free)].map((counter) => plannedLimit(counter, want, now)),
    keys: keys.map((key) => plannedKey(key, obstacle === undefined, now)),
  }
}

function plannedLimit(counter: LimitCounter, want: Want, now: number): PlannedLimit {
  const { limit, max } = counter
  const used = counter.used(now)
  const kept = keptOf(counter, want)
  const resetsAt = counter.resetsAt(now)
  return {
    name: limit.name,
    metric: limit.metric,
    ...(limit.window === undefined ? {} : { window: limit.window }),
    used,
    ...(max === undefined ? {} : { max, left: Math.max(0, max - kept - used) }),
    ...(kept === 0 ? {} : { kept }),
    ...(resetsAt === undefined ? {} : { resetsAt: timeOf(resetsAt) }),
  }
}

/** `able`: nothing stands in the way of its account. */
function plannedKey({ key, obstacle }: KeyView, able: boolean, now: number): PlannedKey {
  const cap = key.budget.cap(now)
  return {
    name: key.name,
    masked: key.secret?.masked ?? '',
    usable: able && obstacle === undefined,
    ...(obstacle === undefined ? {} : { obstacle: told(obstacle) }),
    ...(cap === undefined
      ? {}
      : {
          cap: {
            usd: cap.max / 1e9,
            leftUsd: cap.left / 1e9,
            ...(cap.resetsAt === undefined ? {} : { resetsAt: timeOf(cap.resetsAt) }),
          },
        }),
  }
}
