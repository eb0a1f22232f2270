import { dollars } from '../../ledger/price.ts'
import { cut } from '../terminal/table.ts'
import type { KnownAttempt } from '../../ledger/attempt.ts'
import type { View } from '../terminal/view.ts'
import { clockTime, dateTime } from '../terminal/when.ts'

/** One attempt on one line: when, how it ended, who answered with which model, tokens, cost, how long. */
export function logLine(row: KnownAttempt, view: View): string {
  const { paint } = view
  const narrow = view.width < 100
  const day = view.now - row.at < 86_400_000 ? dateTime(row.at, view).slice(11) : clockTime(row.at, view)
  const state = stateOf(row).padEnd(9)
  const colour = row.state === 'done' ? paint.green : row.state === 'open' ? paint.cyan : paint.red
  const usage =
    row.usage === undefined ? '' : `${row.usage.input}→${row.usage.output}${narrow ? '' : ' tokens'}`
  const cost = row.nanoUsd === undefined ? (row.state === 'open' ? '' : '$?') : dollars(row.nanoUsd)
  const took = row.totalMs === undefined ? '' : `${(row.totalMs / 1000).toFixed(1)}s`
  const facts = [usage, cost, took].filter((part) => part !== '').join(' ')
  const retry = row.number > 1 ? (narrow ? ` #${row.number}` : ` attempt ${row.number}`) : ''
  const key = (narrow ? cut(row.key, narrowKey) : row.key).padEnd(narrow ? narrowKey : 20)
  const others = [day, state, key, '', facts].join(' ').length + retry.length
  const model = cut(row.served ?? row.model, Math.max(leastModel, view.width - others))
  return `${paint.dim(day)} ${colour(state)} ${key} ${model} ${paint.dim(facts)}${paint.dim(retry)}`
}

const narrowKey = 14
const leastModel = 10

function stateOf({ state, status, fault }: KnownAttempt): string {
  if (state !== 'failed') return state
  return status === undefined ? (fault ?? state) : `${state} ${status}`.replace('failed ', 'HTTP ')
}

/** The stable shape of `--json`. */
export function toJson(row: KnownAttempt): object {
  const { id, call, number, at, usage, nanoUsd, mostNanoUsd: _, fingerprint: __, ...rest } = row
  return {
    id,
    request: call,
    attempt: number,
    at: new Date(at).toISOString(),
    ...rest,
    usage: usage ?? null,
    usd: nanoUsd === undefined ? null : nanoUsd / 1e9,
  }
}
