import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Attempt, AttemptResult } from '../ledger/attempt.ts'
import type { LedgerStore, UsageGroup, UsageRow } from '../ledger/ledger.ts'
import { defaultRetention } from '../ledger/retention.ts'
import { anAttempt } from './contract-rows.ts'
import { GroupSums, toUsageRow } from './group-sums.ts'
import { openMemoryStore } from './memory.ts'
import { viewFor } from './rollup-views.ts'
import { Rollups } from './rollups.ts'
import { migrate } from './schema.ts'
import type { Slices } from './sqlite-reads.ts'
import { readCounts, readTotals, readUsage } from './sqlite-sums.ts'
import { createWriter, openRow, reconcile, settleRow } from './sqlite-writes.ts'
import { dayMs, floor, hourMs } from './time-range.ts'
import { Upkeep } from './upkeep.ts'

const start = Date.UTC(2026, 10, 20)
/** Histories are this long. */
const spanMs = 4 * dayMs
const sliceRows = 3

type Step =
  | { readonly type: 'open'; readonly attempt: Partial<Attempt> }
  | { readonly type: 'settle'; readonly of: number; readonly result: Omit<AttemptResult, 'id'> }
  | { readonly type: 'add-up' }
  | { readonly type: 'restart' }

interface Question {
  readonly since: number
  readonly until: number
  readonly by: readonly UsageGroup[]
}

const name = (...names: string[]): fc.Arbitrary<string> => fc.constantFrom(...names)
const amount = fc.integer({ min: 0, max: 10 ** 12 })
const offset = fc.oneof(
  fc.integer({ min: 0, max: spanMs }),
  // Moments at which an hour or a day begins, or nearly.
  fc
    .tuple(fc.integer({ min: 0, max: 96 }), fc.integer({ min: -1, max: 1 }))
    .map(([hour, ms]) => hour * hourMs + ms),
)
const attempts: fc.Arbitrary<Step> = fc
  .record({
    at: offset.map((ms) => start + Math.max(0, ms)),
    number: fc.constantFrom(1, 1, 2),
    provider: name('one', 'two'),
    key: name('a', 'b'),
    fingerprint: name('f1', 'f2'),
    lane: fc.constantFrom('free' as const, 'included' as const, 'paid' as const),
    client: name('x', 'y'),
    model: name('small', 'large'),
    mostNanoUsd: amount,
  })
  .chain((attempt) =>
    fc.boolean().map((isWatched) => {
      const { mostNanoUsd: _, ...rest } = attempt
      return { type: 'open', attempt: isWatched ? attempt : rest }
    }),
  )
const results: fc.Arbitrary<Step> = fc
  .record(
    {
      state: fc.constantFrom('done' as const, 'done' as const, 'failed' as const, 'aborted' as const),
      totalMs: fc.constant(1),
      served: name('served', 'small'),
      usage: fc.record({ input: amount, output: amount }),
      usageSource: fc.constantFrom('provider' as const, 'estimated' as const),
      nanoUsd: amount,
    },
    { requiredKeys: ['state', 'totalMs'] },
  )
  .chain((result) => fc.nat().map((of) => ({ type: 'settle', of, result })))
const anyStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: attempts },
  { weight: 5, arbitrary: results },
  { weight: 3, arbitrary: fc.constant<Step>({ type: 'add-up' }) },
  { weight: 1, arbitrary: fc.constant<Step>({ type: 'restart' }) },
)
const question: fc.Arbitrary<Question> = fc.record({
  since: offset.map((ms) => start + ms),
  until: offset.map((ms) => start + ms),
  by: fc.subarray<UsageGroup>(['day', 'hour', 'provider', 'key', 'client', 'model']),
})

/** One history, kept twice: with sums in a database, and as rows in memory. */
class Books {
  readonly db: DatabaseSync = new DatabaseSync(':memory:')
  readonly oracle: LedgerStore = openMemoryStore()
  readonly #make: (db: DatabaseSync) => Rollups
  #rollups: Rollups
  #write: ReturnType<typeof createWriter>
  #open: number[] = []
  #last = 0

  constructor(make: (db: DatabaseSync) => Rollups = (db) => new Rollups(db, sliceRows)) {
    this.#make = make
    migrate(this.db)
    this.#rollups = make(this.db)
    this.#write = createWriter(this.db, this.#rollups)
  }

  get bounds(): Rollups['bounds'] {
    return this.#rollups.bounds
  }

  do(step: Step): void {
    switch (step.type) {
      case 'open': {
        const attempt = anAttempt((this.#last += 1), step.attempt)
        this.#open.push(attempt.id)
        this.#write([openRow(attempt)])
        return this.oracle.open(attempt)
      }
      case 'settle': {
        const id = this.#open[step.of % this.#open.length]
        if (id === undefined) return
        this.#open = this.#open.filter((each) => each !== id)
        const result = { id, ...step.result }
        this.#write([settleRow(result), settleRow({ ...result, state: 'failed', nanoUsd: 1 })])
        return void this.oracle.settle(result)
      }
      case 'add-up':
        if (this.#rollups.due) this.#rollups.advance()
        return
      case 'restart': {
        this.#rollups = this.#make(this.db)
        this.#write = createWriter(this.db, this.#rollups)
        reconcile(this.db, start, this.#rollups)
        for (const id of this.#open) void this.oracle.settle({ id, state: 'interrupted', totalMs: 0 })
        this.#open = []
      }
    }
  }

  /** As the ledger's thread does it by and by. */
  keepUp(now: number, days: { readonly attempts: number; readonly hours: number }): void {
    const keep = { ...defaultRetention, attemptsMs: days.attempts * dayMs, hoursMs: days.hours * dayMs }
    const upkeep = new Upkeep(this.db, this.#rollups, keep)
    while (upkeep.step(now, { removing: true }));
  }

  usage(query: Question): readonly UsageRow[] {
    return finish(readUsage(this.db, query, sliceRows))
  }
}

function finish<T>(read: Slices<T>, between: () => void = () => {}): T {
  for (;;) {
    const { done, value } = read.next()
    if (done === true) return value
    between()
  }
}

function isTold(make?: (db: DatabaseSync) => Rollups): fc.IAsyncProperty<[Step[], Question[]]> {
  const histories = fc.array(anyStep, { maxLength: 60, size: 'max' })
  const questions = fc.array(question, { minLength: 1, maxLength: 6 })
  return fc.asyncProperty(histories, questions, async (steps, asked) => {
    const books = new Books(make)
    using db = books.db
    for (const each of steps) books.do(each)
    for (const query of asked) {
      assert.deepEqual(books.usage(query), await books.oracle.usage(query))
      const { since, until } = query
      assert.deepEqual(finish(readTotals(db, { since }, sliceRows)), await books.oracle.totals(since))
      assert.deepEqual(finish(readCounts(db, { since }, sliceRows)), await books.oracle.counts(since))
      assert.deepEqual(
        finish(readTotals(db, { since, until }, sliceRows)),
        await books.oracle.totals(since, until),
      )
      assert.deepEqual(
        finish(readCounts(db, { since, until }, sliceRows)),
        await books.oracle.counts(since, until),
      )
    }
  })
}

test('property: sums by hours, days, rows and open attempts are the sums of the rows', async () => {
  await fc.assert(isTold(), { numRuns: 60 })
})

test('control: the property fails when attempts that end late are not added', async () => {
  class Forgetful extends Rollups {
    override add(): void {}
  }
  const found = await fc.check(
    isTold((db) => new Forgetful(db, sliceRows)),
    { endOnFailure: true },
  )
  assert.equal(found.failed, true)
})

test('property: whatever ends and is added up between two slices of a question, each attempt is counted once', async () => {
  const histories = fc.array(anyStep, { maxLength: 60, size: 'max' })
  const meanwhile = fc.array(fc.oneof(results, fc.constant<Step>({ type: 'add-up' })), {
    minLength: 1,
    maxLength: 20,
  })
  await fc.assert(
    fc.asyncProperty(histories, question, meanwhile, async (steps, query, later) => {
      const books = new Books()
      using db = books.db
      for (const each of steps) books.do(each)
      let turn = 0
      const rows = finish(readUsage(db, { ...query, by: ['provider', 'hour'] }, sliceRows), () => {
        const each = later[turn % later.length]
        turn += 1
        if (each !== undefined) books.do(each)
      })
      const counted = (row: UsageRow): unknown => [row.names, row.attempts, row.requests]
      const expected = await books.oracle.usage({ ...query, by: ['provider', 'hour'] })
      assert.deepEqual(rows.map(counted), expected.map(counted))
    }),
    { numRuns: 60 },
  )
})

test('property: when rows and hours are gone, whole hours and days still have all sums, also after a clock set back', async () => {
  const days = fc.integer({ min: 0, max: 5 })
  const clocks = fc.record({
    // How many days it runs ahead while the first half of the history happens.
    ahead: fc.constantFrom(0, 0, 4, 1000),
    last: fc.constantFrom(1, 2, 4),
  })
  const histories = fc.array(anyStep, { maxLength: 60, size: 'max' })
  await fc.assert(
    fc.asyncProperty(
      histories,
      question,
      days,
      days,
      clocks,
      async (steps, query, attemptDays, more, clock) => {
        const books = new Books()
        using db = books.db
        const keep = { attempts: attemptDays, hours: attemptDays + more }
        const half = clock.ahead === 0 ? 0 : Math.floor(steps.length / 2)
        for (const each of steps.slice(0, half)) books.do(each)
        if (half > 0) books.keepUp(start + clock.ahead * dayMs, keep)
        for (const each of steps.slice(half)) books.do(each)
        books.keepUp(start + clock.last * dayMs, keep)
        const { bounds } = books
        const left = db.prepare(`SELECT count(*) AS count FROM attempts WHERE at < ? AND state <> 'open'`)
        if (half === 0) assert.ok(Number(left.get(bounds.rows)?.['count']) <= 1, 'the newest row stays')

        const { hourly } = viewFor(query.by.filter((group) => group !== 'day' && group !== 'hour'))
        const unit = (at: number): number => (hourly && at >= bounds.hours ? hourMs : dayMs)
        const widened = {
          since: query.since < bounds.rows ? floor(query.since, unit(query.since)) : query.since,
          until: query.until < bounds.rows ? -floor(-query.until, unit(query.until)) : query.until,
          by: query.by,
        }
        const daysOnly = hourly ? bounds.hours : bounds.rows
        const expected = query.since < query.until ? await books.oracle.usage(widened) : []
        if (query.since < query.until)
          assert.deepEqual(books.usage(query), byDayBefore(daysOnly, query.by, expected))
      },
    ),
    { numRuns: 60 },
  )
})

/** With hours before `end` told as their day. */
function byDayBefore(end: number, by: readonly UsageGroup[], rows: readonly UsageRow[]): readonly UsageRow[] {
  const groups = new GroupSums()
  for (const { names, ...row } of rows) {
    const told = names.map((text, index) =>
      by[index] === 'hour' && Date.parse(text) < end ? `${text.slice(0, 10)}T00:00:00Z` : text,
    )
    groups.add(told, [
      row.attempts,
      row.requests,
      row.failed,
      row.input,
      row.output,
      row.freeAttempts,
      row.freeInput,
      row.freeOutput,
      row.nanoUsd,
      row.unpriced,
    ])
  }
  return groups.list().map((sum) => toUsageRow(sum))
}

test('a ledger of an older schema answers at once, and by and by from sums', async () => {
  using db = new DatabaseSync(':memory:')
  migrate(db)
  db.exec('DELETE FROM bounds')
  const write = createWriter(db)
  for (let id = 1; id <= 20; id += 1)
    write([openRow(anAttempt(id, { at: start + id * hourMs })), settleRow({ id, state: 'done', totalMs: 1 })])
  const rollups = new Rollups(db, sliceRows)
  const asked = (): unknown => finish(readUsage(db, { since: start, until: start + dayMs, by: ['key'] }))
  const before = asked()
  assert.equal(rollups.bounds.rolled, 0)
  while (rollups.due) rollups.advance()
  assert.ok(rollups.bounds.rolled > start + 10 * hourMs)
  assert.deepEqual(asked(), before)
})

test('a transaction that failed leaves nothing behind in the sums', () => {
  using db = new DatabaseSync(':memory:')
  migrate(db)
  const rollups = new Rollups(db, 1)
  const write = createWriter(db, rollups)
  for (let id = 1; id <= 5; id += 1) write([openRow(anAttempt(id, { at: start + id }))])
  while (rollups.due) rollups.advance()
  const ended = [settleRow({ id: 1, state: 'done', totalMs: 1, nanoUsd: 5 })]
  db.exec(`CREATE TRIGGER full BEFORE INSERT ON days BEGIN SELECT raise(ROLLBACK, 'disk full'); END`)
  assert.throws(() => write(ended), /disk full/)
  db.exec('DROP TRIGGER full')
  // Or when the sums are written already, at the end.
  const exec = db.exec.bind(db)
  db.exec = (sql) => {
    if (sql === 'COMMIT') throw new Error('disk full')
    exec(sql)
  }
  assert.throws(() => write(ended), /disk full/)
  db.exec = exec
  const series = db.prepare('SELECT count(*) AS count FROM series')
  assert.equal(series.get()?.['count'], 0)
  for (const _ of [1, 2]) write(ended)
  const [row] = finish(readUsage(db, { since: start, until: start + dayMs, by: [] }))
  assert.deepEqual([row?.attempts, row?.nanoUsd], [5, 5])
})
