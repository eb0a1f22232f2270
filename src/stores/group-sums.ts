import { RequestError } from '../errors.ts'
import type { KeyTotal, UsageRow, WindowCount } from '../ledger/ledger.ts'

/** Sums of one group, e.g. of one key of one provider. */
export interface GroupSum {
  readonly names: readonly string[]
  readonly sums: readonly number[]
}

/** Adds up columns of numbers by the names of a group. Throws RequestError when there are more than `most` of them. */
export class GroupSums {
  readonly #most: number
  readonly #groups: Map<string, { readonly names: readonly string[]; readonly sums: number[] }> = new Map()

  constructor(most: number = Infinity) {
    this.#most = most
  }

  add(names: readonly string[], values: readonly number[]): void {
    const id = JSON.stringify(names)
    const found = this.#groups.get(id) ?? { names, sums: values.map(() => 0) }
    this.#groups.set(id, found)
    if (this.#groups.size > this.#most)
      throw new RequestError(
        'invalid_request',
        `the answer would have more than ${this.#most.toLocaleString('en')} rows: ask for a shorter time, or by less`,
      )
    for (let index = 0; index < values.length; index += 1)
      found.sums[index] = (found.sums[index] ?? 0) + (values[index] ?? 0)
  }

  /** Ordered by their names. */
  list(): readonly GroupSum[] {
    return [...this.#groups.values()].sort((x, y) => compare(x.names, y.names))
  }
}

/** From sums by provider, key, fingerprint, lane and client. */
export function toWindowCount({
  names: [provider = '', key = '', fingerprint = '', lane, client = ''],
  sums,
}: GroupSum): WindowCount {
  const { attempts, input, output, nanoUsd } = named(sums)
  return {
    provider,
    key,
    fingerprint,
    lane: lane === 'free' || lane === 'included' ? lane : 'paid',
    client,
    count: attempts,
    tokens: input + output,
    nanoUsd,
    mostNanoUsd: sums.at(-1) ?? 0,
  }
}

/** From sums by provider and key. */
export function toKeyTotal({ names: [provider = '', key = ''], sums }: GroupSum): KeyTotal {
  const { attempts, failed, input, output, nanoUsd, unpriced } = named(sums)
  return { provider, key, attempts, failed, input, output, nanoUsd, unpriced }
}

export function toUsageRow({ names, sums }: GroupSum): UsageRow {
  return { names, ...named(sums) }
}

/** In the order of `sums.ts`, but for what only windows need. */
function named(sums: readonly number[]): Omit<UsageRow, 'names'> {
  const [attempts = 0, requests = 0, failed = 0, input = 0, output = 0] = sums
  const [freeAttempts = 0, freeInput = 0, freeOutput = 0, nanoUsd = 0, unpriced = 0] = sums.slice(5)
  const free = { freeAttempts, freeInput, freeOutput }
  return { attempts, requests, failed, input, output, ...free, nanoUsd, unpriced }
}

function compare(x: readonly string[], y: readonly string[]): number {
  for (const [index, name] of x.entries()) {
    const other = y[index] ?? ''
    if (name !== other) return name < other ? -1 : 1
  }
  return 0
}
