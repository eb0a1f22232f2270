import { dollars } from '../../ledger/price.ts'
import type { KnownAttempt } from '../../ledger/search.ts'
import type { View } from '../terminal/view.ts'
import { clockTime, dateTime } from '../terminal/when.ts'

/** One attempt on one line: when, how it ended, who answered with which model, tokens, cost, how long. */
export function logLine(row: KnownAttempt, view: View): string {
  const { paint } = view
  const day = view.now - row.at < 86_400_000 ? dateTime(row.at, view).slice(11) : clockTime(row.at, view)
  const state = stateOf(row)
  const colour = row.state === 'done' ? paint.green : row.state === 'open' ? paint.cyan : paint.red
  const usage = row.usage === undefined ? '' : `${row.usage.input}→${row.usage.output} tokens`
  const cost = row.nanoUsd === undefined ? (row.state === 'open' ? '' : '$?') : dollars(row.nanoUsd)
  const took = row.totalMs === undefined ? '' : `${(row.totalMs / 1000).toFixed(1)}s`
  const model = row.served ?? row.model
  const facts = [usage, cost, took].filter((part) => part !== '').join(' ')
  const retry = row.number > 1 ? paint.dim(` attempt ${row.number}`) : ''
  return `${paint.dim(day)} ${colour(state.padEnd(9))} ${row.key.padEnd(20)} ${model} ${paint.dim(facts)}${retry}`
}

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
