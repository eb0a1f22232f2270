import type { TestContext } from 'node:test'
import type { Attempt, AttemptResult } from '../ledger/attempt.ts'
import type { Hold, LedgerStore } from '../ledger/ledger.ts'

/** The moment the suite's stores are opened at. */
export const openedAt: number = Date.UTC(2026, 10, 23, 12)

/** Opens the store of one test. Opened again in the same test, a store that keeps things finds what was there. */
export type OpenStore = (context: TestContext, now: number) => Promise<LedgerStore>

/** An attempt with what a test does not care about filled in. */
export function anAttempt(id: number, members: Partial<Attempt> = {}): Attempt {
  return {
    id,
    call: `call-${id}`,
    number: 1,
    at: openedAt + id,
    client: 'tests',
    asked: 'auto',
    provider: 'one',
    model: 'small',
    key: 'key-a',
    fingerprint: 'a1',
    account: 'account-a',
    lane: 'free',
    stream: false,
    ...members,
  }
}

/** A result with what a test does not care about filled in. */
export function aResult(id: number, members: Partial<AttemptResult> = {}): AttemptResult {
  return { id, state: 'done', usage: { input: 10, output: 3 }, nanoUsd: 7, totalMs: 20, ...members }
}

/** A hold with what a test does not care about filled in. */
export function aHold(name: string, until: number, why = 'spent'): Hold {
  return { name, until, kind: 'quota', why, setAt: openedAt }
}
