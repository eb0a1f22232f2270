/** Everything that can be told, with the words for people. `digest` stands for several at once. */
export const noticeKinds = {
  'pool-spent': 'a pool has no quota left',
  'pool-back': 'a spent pool can be used again',
  forecast: 'a pool will be spent soon',
  'key-dead': 'a service refuses a key',
  'key-back': 'a refused key is used again',
  'paid-lane': 'the first call of the day that is not free',
  'budget-80': 'four fifths of a spending ceiling are used',
  'budget-100': 'a spending ceiling is reached',
  'budget-back': 'a ceiling that was reached begins anew',
  'model-priced': 'a free model has a price now',
  'model-gone': 'a free model is listed no more',
  'model-free': 'a model is free again',
  'provider-down': 'a provider does not answer',
  'provider-up': 'a provider answers again',
  difference: "a service counted another day's use than this router",
} as const

export type NoticeKind = keyof typeof noticeKinds

/** What somebody should do something about soon. */
export const urgentKinds: readonly NoticeKind[] = ['key-dead', 'budget-100']

/** A short text for people. Holds no secret; foreign words in it have no control characters. */
export interface Words {
  readonly title: string
  readonly lines: readonly string[]
}

/** One message. */
export interface Notice extends Words {
  readonly kind: NoticeKind | 'digest' | 'test'
  /** What it is about, the same when it begins and when it is over: `pool/openrouter`. */
  readonly subject: string
  readonly urgent: boolean
  /** Epoch milliseconds at which it was noticed. */
  readonly at: number
  /** Epoch milliseconds at which quiet hours let it go: it is late since then only. */
  readonly heldUntil?: number
  /** Epoch milliseconds at which it should be over; undefined: nobody can say. */
  readonly until?: number
}
