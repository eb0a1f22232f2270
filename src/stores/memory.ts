import { RouterError } from '../errors.ts'
import type {
  Attempt,
  AttemptResult,
  Comparison,
  Decision,
  Hold,
  KeyTotal,
  LedgerStore,
  UsageGroup,
  UsageQuery,
  UsageRow,
  WindowCount,
} from '../ledger/ledger.ts'
import type { AttemptRow } from './attempt-row.ts'
import { GroupSums, toKeyTotal, toUsageRow, toWindowCount } from './group-sums.ts'

/** The attempts it remembers. */
const mostRows = 10_000

/**
 * A ledger without a file, for tests and for programs that want none. It knows the newest 10,000 attempts only, and
 * its counts and totals are about those.
 */
export function openMemoryStore(): LedgerStore {
  const rows = new Map<number, AttemptRow>()
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
  const since = (at: number): AttemptRow[] => [...rows.values()].filter((row) => row.at >= at)
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
    counts: (at, beforeId = Infinity) => read(() => countRows(since(at).filter(({ id }) => id < beforeId))),
    comparisons: (day) =>
      read(() => [...comparisons.values()].filter((each) => each.day >= day).sort((a, b) => b.day - a.day)),
    decision: (call) => read(() => decisions.get(call)),
    totals: (at) => read(() => sumRows(since(at))),
    usage: (query) => read(() => usageOf([...rows.values()], query)),
    attempts: ({ limit, call }) =>
      read(() => {
        const found = [...rows.values()].filter((row) => call === undefined || row.call === call)
        return found.sort((a, b) => b.id - a.id).slice(0, Math.max(0, limit))
      }),
    [Symbol.asyncDispose]: async () => {
      closed ??= new RouterError('closed', 'the ledger is closed')
    },
  }
}

function countRows(rows: readonly AttemptRow[]): readonly WindowCount[] {
  const groups = new GroupSums()
  for (const row of rows) {
    const { provider, key, fingerprint, lane, client, usage, nanoUsd = 0 } = row
    const tokens = (usage?.input ?? 0) + (usage?.output ?? 0)
    groups.add([provider, key, fingerprint, lane, client], [1, tokens, nanoUsd, mostCost(row)])
  }
  return groups.list().map((sum) => toWindowCount(sum))
}

/** As the SQL of the ledger file has it. */
function mostCost({ mostNanoUsd = 0, nanoUsd, usageSource }: AttemptRow): number {
  const certain = usageSource === 'provider' || (usageSource === undefined && nanoUsd !== undefined)
  return certain ? (nanoUsd ?? 0) : Math.max(nanoUsd ?? 0, mostNanoUsd)
}

function sumRows(rows: readonly AttemptRow[]): readonly KeyTotal[] {
  const groups = new GroupSums()
  for (const { provider, key, state, usage, nanoUsd } of rows) {
    const unpriced = Number(nanoUsd === undefined && state !== 'open')
    const { input, output } = usage ?? { input: 0, output: 0 }
    groups.add([provider, key], [1, Number(state === 'failed'), input, output, nanoUsd ?? 0, unpriced])
  }
  return groups.list().map((sum) => toKeyTotal(sum))
}

const groupNames: Readonly<Record<UsageGroup, (row: AttemptRow) => string>> = {
  day: ({ at }) => `${new Date(at).toISOString().slice(0, 10)}T00:00:00Z`,
  hour: ({ at }) => `${new Date(at).toISOString().slice(0, 13)}:00:00Z`,
  model: ({ served, model }) => served ?? model,
  key: ({ key }) => key,
  client: ({ client }) => client,
  provider: ({ provider }) => provider,
}

function usageOf(rows: readonly AttemptRow[], { since, until, by }: UsageQuery): readonly UsageRow[] {
  const groups = new GroupSums()
  for (const row of rows) {
    if (row.at < since || row.at >= until) continue
    const { input, output } = row.usage ?? { input: 0, output: 0 }
    const free = Number(row.lane === 'free')
    groups.add(
      by.map((group) => groupNames[group](row)),
      [
        1,
        Number(row.number === 1),
        Number(row.state === 'failed'),
        input,
        output,
        free,
        free * input,
        free * output,
        row.nanoUsd ?? 0,
        Number(row.nanoUsd === undefined && row.state !== 'open'),
      ],
    )
  }
  return groups.list().map((sum) => toUsageRow(sum))
}
