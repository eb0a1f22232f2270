import type { SQLOutputValue } from 'node:sqlite'
import type { Attempt, AttemptResult, AttemptState } from '../ledger/attempt.ts'
import type { KnownAttempt } from '../ledger/attempt.ts'

/** Reads one row of `attempts`; a column that is empty is a member left out. */
export function readAttemptRow(row: Readonly<Record<string, SQLOutputValue>>): KnownAttempt {
  const text = (name: string): string => String(row[name])
  const number = (name: string): number => Number(row[name])
  // The words in these columns were written from the same types; nobody else writes this file.
  const attempt = {
    id: number('id'),
    call: text('call'),
    number: number('number'),
    at: number('at'),
    client: text('client'),
    asked: text('asked'),
    provider: text('provider'),
    model: text('model'),
    key: text('key'),
    fingerprint: text('fingerprint'),
    account: text('account'),
    lane: text('lane') as Attempt['lane'],
    stream: number('stream') === 1,
    ...(row['most_nano_usd'] === null ? {} : { mostNanoUsd: number('most_nano_usd') }),
    ...(row['chosen'] === null ? {} : { chosen: text('chosen') }),
    ...(row['obstacles'] === null ? {} : { obstacles: number('obstacles') }),
    state: text('state') as AttemptState,
  }
  const usage = {
    input: number('input'),
    output: number('output'),
    cached: row['cached'],
    cacheWrite: row['cache_write'],
    reasoning: row['reasoning'],
    nanoUsd: row['upstream_nano_usd'],
  }
  const known = {
    served: row['served'],
    usage: row['input'] === null ? null : withoutNulls(usage),
    usageSource: row['usage_source'],
    nanoUsd: row['nano_usd'],
    priceSource: row['price_source'],
    finish: row['finish'],
    fault: row['fault'],
    status: row['status'],
    firstTokenMs: row['first_token_ms'],
    totalMs: row['total_ms'],
  }
  return { ...attempt, ...(withoutNulls(known) as Partial<Omit<AttemptResult, 'id' | 'state'>>) }
}

function withoutNulls(members: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== null))
}
