import { RouterError } from '../errors.ts'
import type { Attempt, AttemptResult } from '../ledger/attempt.ts'
import type { Comparison, Decision, Hold, LedgerStore, UsageGroup } from '../ledger/ledger.ts'
import type { KnownAttempt } from '../ledger/attempt.ts'
import type { AttemptFilter, AttemptPage } from '../ledger/search.ts'
import { type GroupSum, GroupSums, toKeyTotal, toUsageRow, toWindowCount } from './group-sums.ts'
import type { Dimension } from './rollup-views.ts'
import { sumsOf } from './sums.ts'

/** The attempts it remembers. */
const mostRows = 10_000

const windowNames = ['provider', 'key', 'fingerprint', 'lane', 'client'] as const

/**
 * A ledger without a file, for tests and for programs that want none. It knows the newest 10,000 attempts only, and
 * its counts and totals are about those.
 */
export function openMemoryStore(): LedgerStore {
  const rows = new Map<number, KnownAttempt>()
  const holds = new Map<string, Hold>()
  const comparisons = new Map<string, Comparison>()
  const decisions = new Map<string, Decision>()
  let forgottenId = 0
  let closed: RouterError | undefined

  const open = (attempt: Attempt): void => {
    if (closed !== undefined || rows.has(attempt.id) || attempt.id <= forgottenId) return
    rows.set(attempt.id, { ...attempt, state: 'open' })
    if (rows.size <= mostRows) return
    for (const id of rows.keys()) {
      rows.delete(id)
      forgottenId = Math.max(forgottenId, id)
      return
    }
  }
  const settle = async (result: AttemptResult): Promise<void> => {
    if (closed !== undefined) throw closed
    const row = rows.get(result.id)
    if (row?.state === 'open') rows.set(result.id, { ...row, ...result })
    if (row !== undefined || result.id <= forgottenId) return
    throw new RouterError(
      'store_failed',
      `the ledger cannot keep a row: attempt ${result.id} was never opened`,
    )
  }
  const hold = (next: Hold): void => {
    if (next.until >= (holds.get(next.name)?.until ?? 0)) holds.set(next.name, next)
  }
  const read = async <T>(answer: () => T): Promise<T> => {
    if (closed !== undefined) throw closed
    return answer()
  }
  return {
    opening: { nextId: 1, holds: [], owners: [], reconciled: 0 },
    state: { unwritten: 0 },
    open,
    settle,
    hold,
    release: (name) => void holds.delete(name),
    // Read at the next opening only, which this store does not live to see.
    identify: () => {},
    compare(next) {
      const id = JSON.stringify([next.day, next.provider, next.account, next.key, next.name])
      const last = comparisons.get(id)
      if (last === undefined || (next.complete >= last.complete && next.at >= last.at))
        comparisons.set(id, next)
      if (comparisons.size > mostRows) comparisons.delete(comparisons.keys().next().value ?? '')
    },
    decide(decision) {
      // Set anew, so that the map stays in the order of writing.
      decisions.delete(decision.call)
      decisions.set(decision.call, decision)
      if (decisions.size > mostRows) decisions.delete(decisions.keys().next().value ?? '')
    },
    flush: () => read(() => undefined),
    counts: (since, until) =>
      read(() => sumBy(rows.values(), windowNames, { since, until }).map(toWindowCount)),
    comparisons: (day) =>
      read(() => [...comparisons.values()].filter((each) => each.day >= day).sort((a, b) => b.day - a.day)),
    decision: (call) => read(() => decisions.get(call)),
    totals: (since, until) =>
      read(() => sumBy(rows.values(), ['provider', 'key'], { since, until }).map(toKeyTotal)),
    usage: (query) => read(() => sumBy(rows.values(), query.by, query).map(toUsageRow)),
    attempts: (filter) => read(() => search(rows.values(), filter)),
    [Symbol.asyncDispose]: async () => {
      closed ??= new RouterError('closed', 'the ledger is closed')
    },
  }
}

function sumBy(
  rows: Iterable<KnownAttempt>,
  by: readonly (keyof typeof names)[],
  { since, until = Infinity }: { readonly since: number; readonly until?: number | undefined },
): readonly GroupSum[] {
  const groups = new GroupSums()
  for (const row of rows) {
    if (row.at < since || row.at >= until) continue
    groups.add(
      by.map((name) => names[name](row)),
      sumsOf(row),
    )
  }
  return groups.list()
}

const names: Readonly<Record<UsageGroup | Dimension, (row: KnownAttempt) => string>> = {
  day: ({ at }) => `${new Date(at).toISOString().slice(0, 10)}T00:00:00Z`,
  hour: ({ at }) => `${new Date(at).toISOString().slice(0, 13)}:00:00Z`,
  model: ({ served, model }) => served ?? model,
  key: ({ key }) => key,
  client: ({ client }) => client,
  provider: ({ provider }) => provider,
  fingerprint: ({ fingerprint }) => fingerprint,
  lane: ({ lane }) => lane,
}

function search(rows: Iterable<KnownAttempt>, filter: AttemptFilter): AttemptPage {
  const limit = Math.min(Math.floor(filter.limit), mostRows)
  if (!(limit > 0)) return { attempts: [] }
  const found = [...rows].filter((row) => fits(row, filter)).sort((a, b) => b.id - a.id)
  const attempts = found.slice(0, limit)
  const next = attempts.at(-1)?.id
  return { attempts, ...(found.length > limit && next !== undefined ? { next } : {}) }
}

function fits(row: KnownAttempt, filter: AttemptFilter): boolean {
  const { before = Infinity, since = -Infinity, until = Infinity, model, states, text } = filter
  const texts = [row.call, row.asked, row.model, row.served, row.key, row.client, row.fault]
  return (
    row.id < before &&
    row.at >= since &&
    row.at < until &&
    (['call', 'client', 'provider', 'key', 'lane', 'fault'] as const).every(
      (name) => filter[name] === undefined || row[name] === filter[name],
    ) &&
    (model === undefined || [row.asked, row.model, row.served].includes(model)) &&
    (states === undefined || states.includes(row.state)) &&
    (text === undefined || texts.some((each) => each !== undefined && lower(each).includes(lower(text))))
  )
}

/** ASCII letters only, as SQLite does. */
function lower(text: string): string {
  return text.replaceAll(/[A-Z]+/g, (letters) => letters.toLowerCase())
}
