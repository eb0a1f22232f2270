import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { changes, type Condition, type Told } from './changes.ts'

const noon = Date.UTC(2026, 10, 23, 12)
const minuteMs = 60_000

const spent: Condition = {
  subject: 'pool/free',
  kind: 'pool-spent',
  words: { title: 'spent', lines: ['nothing is left'] },
  until: noon + minuteMs,
  over: { kind: 'pool-back', words: { title: 'back', lines: ['calls go there again'] } },
}
const nearly: Condition = {
  subject: 'budget/day',
  kind: 'budget-80',
  words: { title: 'nearly', lines: [] },
  keepUntil: noon + 60 * minuteMs,
}
const full: Condition = { ...nearly, kind: 'budget-100', level: 2 }

test('what begins is told once, what goes on is not told again, the end is told once', () => {
  const first = changes([], [spent], noon)
  assert.deepEqual(
    first.notices.map(({ kind, until, urgent }) => ({ kind, until, urgent })),
    [{ kind: 'pool-spent', until: noon + minuteMs, urgent: false }],
  )
  const second = changes(first.told, [spent], noon + minuteMs)
  assert.deepEqual(second.notices, [])
  const third = changes(second.told, [], noon + 80 * minuteMs)
  assert.deepEqual(
    third.notices.map(({ kind, subject, lines }) => ({ kind, subject, lines })),
    [{ kind: 'pool-back', subject: 'pool/free', lines: ['calls go there again', 'It lasted 1 h 20 min.'] }],
  )
  assert.deepEqual(changes(third.told, [], noon + 90 * minuteMs), { notices: [], told: [] })
})

test('a higher level is told, a lower one is not', () => {
  const first = changes([], [nearly], noon)
  const second = changes(first.told, [full], noon)
  assert.deepEqual(
    second.notices.map(({ kind, urgent }) => ({ kind, urgent })),
    [{ kind: 'budget-100', urgent: true }],
  )
  assert.deepEqual(changes(second.told, [nearly], noon).notices, [])
  assert.deepEqual(
    changes([], [full], noon).notices.map(({ kind }) => kind),
    ['budget-100'],
    'straight to the top is one message',
  )
})

test('what is kept for a time is not told again within it, and not for ever', () => {
  const { told } = changes([], [nearly], noon)
  const gone = changes(told, [], noon + minuteMs)
  assert.deepEqual(changes(gone.told, [nearly], noon + 2 * minuteMs).notices, [])
  const later = changes(gone.told, [], noon + 61 * minuteMs)
  assert.deepEqual(later, { notices: [], told: [] })
})

test('what was told survives being written down', () => {
  const { told } = changes([], [spent, nearly], noon)
  const read = JSON.parse(JSON.stringify(told)) as Told[]
  assert.deepEqual(changes(read, [spent, nearly], noon).notices, [])
  assert.equal(changes(read, [nearly], noon).notices[0]?.kind, 'pool-back')
})

const subjects = ['a', 'b', 'c']
const looks = fc.array(fc.subarray(subjects), { maxLength: 40 })

test('property: beginnings and ends of one thing alternate, and match what was seen', () => {
  fc.assert(
    fc.property(looks, (seen) => {
      let told: readonly Told[] = []
      const heard: string[] = []
      for (const [index, names] of seen.entries()) {
        const conditions = names.map((subject) => ({ ...spent, subject }))
        const now = noon + index * minuteMs
        const step = changes(told, conditions, now)
        told = step.told
        heard.push(...step.notices.map(({ kind, subject }) => `${subject} ${kind}`))
        assert.deepEqual(told.map(({ subject }) => subject).toSorted(), names.toSorted())
        // Pure: the same look again tells nothing and changes nothing.
        assert.deepEqual(changes(told, conditions, now), { notices: [], told })
      }
      for (const subject of subjects) {
        const own = heard.filter((each) => each.startsWith(`${subject} `))
        for (const [index, each] of own.entries())
          assert.equal(each, `${subject} ${index % 2 === 0 ? 'pool-spent' : 'pool-back'}`)
      }
    }),
  )
})

test('property: levels that come and go within a window are told at most once each, rising', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 2 }), { maxLength: 40 }), (levels) => {
      let told: readonly Told[] = []
      const heard: string[] = []
      for (const level of levels) {
        const step = changes(told, [[], [nearly], [full]][level] ?? [], noon)
        told = step.told
        heard.push(...step.notices.map(({ kind }) => kind))
      }
      const rising = ['budget-80', 'budget-100']
      assert.deepEqual(
        heard,
        rising.filter((kind) => heard.includes(kind)),
      )
    }),
  )
})
