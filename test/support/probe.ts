import assert from 'node:assert/strict'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { KnownAttempt } from '../../src/ledger/attempt.ts'
import { readAttemptRow } from '../../src/stores/attempt-row.ts'
import type { Stand } from './stand.ts'

export const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** Looks again at every turn of the event loop until the condition holds. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  what: string,
  withinMs = 5_000,
): Promise<void> {
  const end = performance.now() + withinMs
  while (!(await condition())) {
    if (performance.now() > end) assert.fail(`not within ${withinMs} ms: ${what}`)
    await nextTurn()
  }
}

/** The ledger's rows, oldest first. Stops the stand: while it runs, its file belongs to it alone. */
export async function rowsOf(stand: Pick<Stand, 'home' | 'stop'>): Promise<readonly KnownAttempt[]> {
  await stand.stop()
  const db = new DatabaseSync(join(stand.home, 'ledger.db'), { readOnly: true })
  try {
    return db.prepare('SELECT * FROM attempts ORDER BY id').all().map(readAttemptRow)
  } finally {
    db.close()
  }
}

/** Calls that hold a lease now, over all accounts. */
export async function inFlight(stand: Pick<Stand, 'core'>): Promise<number> {
  const { providers } = await stand.core.status()
  return providers.flatMap((provider) => provider.accounts).reduce((sum, each) => sum + each.inFlight, 0)
}

/** A stream of the Chat Completions API, taken apart. */
export interface ReadStream {
  readonly text: string
  /** Messages of error frames, i.e. of frames with an `error` member. */
  readonly errors: readonly string[]
  /** Whether an error frame also had `choices`. */
  readonly mixed: boolean
  readonly finish: string | undefined
  readonly done: boolean
  /** Data that is no JSON. */
  readonly broken: readonly string[]
  readonly usage: Readonly<Record<string, unknown>> | undefined
}

interface Chunk {
  readonly error?: { readonly message?: string }
  readonly choices?: readonly {
    readonly delta?: { readonly content?: string | null }
    readonly finish_reason?: string | null
  }[]
  readonly usage?: Readonly<Record<string, unknown>> | null
}

export function takeApart(body: string): ReadStream {
  const data = body
    .split(/\r?\n/)
    .filter((line) => line.startsWith('data:'))
    .map((line) => line.slice(5).trim())
  const broken: string[] = []
  const chunks = data
    .filter((each) => each !== '[DONE]')
    .flatMap((each) => {
      try {
        return [JSON.parse(each) as Chunk]
      } catch {
        broken.push(each)
        return []
      }
    })
  const failed = chunks.filter((chunk) => chunk.error !== undefined)
  return {
    text: chunks.map((chunk) => chunk.choices?.[0]?.delta?.content ?? '').join(''),
    errors: failed.map((chunk) => chunk.error?.message ?? ''),
    mixed: failed.some((chunk) => chunk.choices !== undefined),
    finish:
      chunks.findLast((chunk) => chunk.choices?.[0]?.finish_reason)?.choices?.[0]?.finish_reason ?? undefined,
    done: data.at(-1) === '[DONE]',
    broken,
    usage: chunks.findLast((chunk) => chunk.usage)?.usage ?? undefined,
  }
}
