import type { Shape } from './arrivals.ts'

/** One way to use the router for some weeks. */
export interface Scenario {
  readonly name: string
  readonly load: Load
  readonly requestsPerDay: number
  readonly accounts: number
  /** Free requests a day on each account. */
  readonly perDay: Tier
  readonly shape: Shape
  /** Requests that come at the same moment. */
  readonly parallel: number
  /** The router stops and starts again once a day. */
  readonly restarts: boolean
  /** Free calls another program makes on each account every day, before the working hour. */
  readonly otherCalls: number
}

export type Load = 'light' | 'medium' | 'heavy'
/** 50 without credits, 1,000 after buying 10 (docs: https://openrouter.ai/docs/api_reference/limits). */
export type Tier = 50 | 1000

export const tiers: readonly Tier[] = [50, 1000]
/** The loads the original names. */
export const requestsPerDay: Readonly<Record<Load, number>> = { light: 500, medium: 2000, heavy: 3000 }
/** Free requests a minute on each account (same page). */
export const perMinute = 20
/** Credits that bring an account into the tier. */
export const creditsFor: Readonly<Record<Tier, number>> = { 50: 0, 1000: 10 }

const loads = ['light', 'medium', 'heavy'] as const
const shapes = ['burst', 'spread', 'night'] as const
const plain = { parallel: 1, restarts: false, otherCalls: 0 } as const

type Wanted = Pick<Scenario, 'load' | 'accounts' | 'perDay' | 'shape'> & {
  readonly suffix?: string
  readonly with?: Partial<Pick<Scenario, 'parallel' | 'restarts' | 'otherCalls'>>
}

function scenario({ suffix = '', with: more = {}, ...wanted }: Wanted): Scenario {
  const { load, accounts, perDay, shape } = wanted
  const name = `${perDay}-${load}-${accounts}-${shape}${suffix}`
  return { name, requestsPerDay: requestsPerDay[load], ...plain, ...wanted, ...more }
}

/** Every load with every number of accounts and every shape. */
export function mainScenarios(perDay: Tier): readonly Scenario[] {
  return loads.flatMap((load) =>
    [1, 3].flatMap((accounts) => shapes.map((shape) => scenario({ load, accounts, perDay, shape }))),
  )
}

/** What makes it hard to keep count: calls in parallel, restarts, somebody else on the same accounts. */
export function hardScenarios(perDay: Tier): readonly Scenario[] {
  const parallel = { suffix: '-parallel', with: { parallel: 8 } }
  const restarts = { suffix: '-restarts', with: { restarts: true } }
  const shared = { suffix: '-shared', with: { otherCalls: 10 } }
  // Enough to spend the day's quota; more calls on the ledger file only take longer.
  const load = perDay === 50 ? 'light' : 'medium'
  return [
    scenario({ load: 'heavy', accounts: 3, perDay, shape: 'burst', ...parallel }),
    scenario({ load, accounts: 1, perDay, shape: 'burst', ...restarts }),
    scenario({ load, accounts: 1, perDay, shape: 'spread', ...restarts }),
    scenario({ load: 'medium', accounts: 1, perDay, shape: 'burst', ...shared }),
    scenario({ load: 'medium', accounts: 3, perDay, shape: 'burst', ...shared }),
  ]
}

export const scenarios: readonly Scenario[] = tiers.flatMap((tier) => [
  ...mainScenarios(tier),
  ...hardScenarios(tier),
])

export function isHard({ parallel, restarts, otherCalls }: Scenario): boolean {
  return parallel > 1 || restarts || otherCalls > 0
}
