/** One family of figures as Prometheus sees it. The reference page is made from these. */
export interface Series {
  readonly name: string
  readonly help: string
  readonly labels: readonly string[]
}

export interface HistogramSeries extends Series {
  readonly buckets: readonly number[]
}

export type CounterName =
  | 'requests'
  | 'attempts'
  | 'wasted'
  | 'tokens'
  | 'cost'
  | 'unpriced'
  | 'refusedByBudget'
export type HistogramName = 'firstContent' | 'duration' | 'overhead'
export type GaugeName =
  | 'quotaUsed'
  | 'quotaLimit'
  | 'quotaReset'
  | 'cooldown'
  | 'inFlight'
  | 'accounts'
  | 'providerUp'
  | 'budgetSpent'
  | 'budgetLimit'
  | 'ledgerQueue'
  | 'storeHealthy'

/** Only ever grow, until the process ends. */
export const counters: Readonly<Record<CounterName, Series>> = {
  requests: {
    name: 'switchyard_requests_total',
    help: 'Requests at the gateway that have ended, by how they ended.',
    labels: ['client', 'dialect', 'provider', 'outcome'],
  },
  attempts: {
    name: 'switchyard_attempts_total',
    help: 'Calls to services that have ended, by how they ended and with which fault.',
    labels: ['provider', 'lane', 'outcome', 'fault'],
  },
  wasted: {
    name: 'switchyard_wasted_calls_total',
    help: 'Calls refused for spent quota on an account that was known to be spent when the call left. Anything but 0 is a bug.',
    labels: ['provider'],
  },
  tokens: {
    name: 'switchyard_tokens_total',
    help: 'Tokens of calls. Type cached is part of input, reasoning is part of output.',
    labels: ['provider', 'lane', 'model', 'type'],
  },
  cost: {
    name: 'switchyard_cost_dollars_total',
    help: 'US dollars that calls cost, where that is known.',
    labels: ['provider', 'lane', 'client'],
  },
  unpriced: {
    name: 'switchyard_unpriced_attempts_total',
    help: 'Calls whose cost nobody knows; the cost figures do not hold them.',
    labels: ['provider', 'lane'],
  },
  refusedByBudget: {
    name: 'switchyard_budget_refusals_total',
    help: 'Calls that were not made because of a spending ceiling.',
    labels: ['budget'],
  },
}

/** In seconds. */
export const histograms: Readonly<Record<HistogramName, HistogramSeries>> = {
  firstContent: {
    name: 'switchyard_time_to_first_content_seconds',
    help: 'From the arrival of a streamed request to the first content of its answer.',
    labels: ['provider'],
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2, 3, 5, 10, 20, 45, 90],
  },
  duration: {
    name: 'switchyard_request_duration_seconds',
    help: 'From the arrival of a request to the last byte of its answer or error.',
    labels: ['provider'],
    buckets: [0.1, 0.25, 0.5, 1, 2, 5, 10, 20, 40, 80, 160, 320, 600],
  },
  overhead: {
    name: 'switchyard_overhead_seconds',
    help: "What the router adds: a request's duration less that of its calls. Reading its body, waiting for a slot or for quota, and writing the ledger are part of it.",
    labels: [],
    buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5, 15, 60],
  },
}

/** As things are at the moment of the scrape. */
export const gauges: Readonly<Record<GaugeName, Series>> = {
  quotaUsed: {
    name: 'switchyard_quota_used',
    help: 'Use of one limit of one account in the window that is running.',
    labels: ['provider', 'account', 'window', 'unit'],
  },
  quotaLimit: {
    name: 'switchyard_quota_limit',
    help: 'The most that fits into the window; missing while nobody knows.',
    labels: ['provider', 'account', 'window', 'unit'],
  },
  quotaReset: {
    name: 'switchyard_quota_reset_timestamp_seconds',
    help: 'When the window ends, as Unix time; missing for calls in flight.',
    labels: ['provider', 'account', 'window'],
  },
  cooldown: {
    name: 'switchyard_cooldown_remaining_seconds',
    help: 'For how long a provider, account, key or model will not be called; +Inf until released by hand. Labels that do not apply are empty.',
    labels: ['provider', 'account', 'key', 'model', 'lane', 'kind'],
  },
  inFlight: {
    name: 'switchyard_calls_in_flight',
    help: 'Calls that are out now.',
    labels: ['provider', 'account'],
  },
  accounts: {
    name: 'switchyard_accounts',
    help: 'Accounts by state: usable; spent (a window longer than a minute is full, or the service said so); resting (for another reason).',
    labels: ['provider', 'state'],
  },
  providerUp: {
    name: 'switchyard_provider_up',
    help: '0 while the whole provider rests, 1 else.',
    labels: ['provider'],
  },
  budgetSpent: {
    name: 'switchyard_budget_spent_dollars',
    help: 'US dollars spent, or held for calls in flight, under a spending ceiling.',
    labels: ['budget'],
  },
  budgetLimit: {
    name: 'switchyard_budget_limit_dollars',
    help: 'The spending ceiling.',
    labels: ['budget'],
  },
  ledgerQueue: {
    name: 'switchyard_ledger_queue_rows',
    help: 'Rows that wait to be written to the ledger.',
    labels: [],
  },
  storeHealthy: {
    name: 'switchyard_store_healthy',
    help: '1 while the ledger takes rows, 0 while it does not.',
    labels: [],
  },
}
