/** What a metadata call told of an account and the key it was made with. It spends no quota. */
export interface AccountNews {
  /** Stable identity of the account; keys with the same one share every limit. */
  readonly account?: string
  readonly limits: readonly LimitNews[]
  /** Left out when the service does not say. */
  readonly capacity?: Capacity
  /** Of the key that was asked with. */
  readonly key?: KeyNews
  /** Of days that are over, where the service keeps them. */
  readonly pastDays?: readonly DayNews[]
}

/** What a service says of one key, in nano-dollars. */
export interface KeyNews {
  /** The key's own spending cap; left out when it has none. */
  readonly cap?: { readonly max: number; readonly left: number; readonly window?: 'day' | 'week' | 'month' }
  readonly spentToday?: number
}

/** The service's count of one whole UTC day, for a limit of this name. */
export interface DayNews {
  readonly limit: string
  /** Epoch milliseconds of the day's beginning. */
  readonly day: number
  readonly used: number
}

/** Whether an account has anything left, by the service's own word. */
export interface Capacity {
  readonly lane: 'free' | 'all'
  readonly left: boolean
  readonly why?: string
  /** Epoch milliseconds at which it returns; undefined when the service does not say. */
  readonly until?: number
}

export interface LimitNews {
  readonly limit: string
  readonly max?: number
  readonly used?: number
  /** How old `used` may be: a figure that may be of the window before says nothing of the one that runs. Default 0. */
  readonly maxAgeMs?: number
}
