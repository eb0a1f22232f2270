/** What attempts are told apart by. The model is the one that answered, where that is known. */
export type Dimension = 'provider' | 'key' | 'fingerprint' | 'lane' | 'client' | 'model'

export const dimensions: readonly Dimension[] = ['provider', 'key', 'fingerprint', 'lane', 'client', 'model']

/** Sums kept by some dimensions; the others are empty in its series. */
export interface View {
  /** Stands in the file. */
  readonly id: number
  readonly by: readonly Dimension[]
  /** Whether sums of hours are kept too, not only of days. */
  readonly hourly: boolean
}

/**
 * The smallest first. One table by all dimensions would hold nearly as many rows as there are attempts (20 keys, 40 models and
 * 10 clients are 8,000 series), so each question that is often asked has sums of its own, and those by everything
 * are kept by days only.
 */
export const views: readonly View[] = [
  { id: 1, by: ['provider'], hourly: true },
  { id: 2, by: ['provider', 'key'], hourly: true },
  { id: 3, by: ['provider', 'client'], hourly: true },
  { id: 4, by: ['provider', 'model'], hourly: true },
  { id: 5, by: ['provider', 'key', 'fingerprint', 'lane', 'client'], hourly: true },
  { id: 6, by: ['provider', 'key', 'client', 'model'], hourly: false },
]

/** The smallest view that tells these dimensions apart. */
export function viewFor(asked: readonly Dimension[]): View {
  const found = views.find(({ by }) => asked.every((dimension) => by.includes(dimension)))
  if (found === undefined) throw new RangeError(`no sums are kept by ${asked.join(', ')}`)
  return found
}

/** The value of each dimension, for a SELECT from `attempts`. */
export const dimensionOfRow: Readonly<Record<Dimension, string>> = {
  provider: 'provider',
  key: 'key',
  fingerprint: 'fingerprint',
  lane: 'lane',
  client: 'client',
  model: 'coalesce(served, model)',
}
