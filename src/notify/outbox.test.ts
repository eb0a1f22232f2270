import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createMovableClock, type MovableClock } from '../clock.ts'
import type { Notice, NoticeKind } from './notice.ts'
import { Outbox, type Quiet } from './outbox.ts'
import type { Sent, Subscription } from './target.ts'

const noon = Date.UTC(2026, 10, 23, 12)
const midnight = Date.UTC(2026, 10, 24)
const secondMs = 1000
const down: Sent = { ok: false, detail: 'HTTP 500', retry: true }
const night: Quiet = { from: 22 * 60, until: 7 * 60, zone: 'UTC', except: new Set(['key-dead']) }

interface Post {
  readonly clock: MovableClock
  readonly outbox: Outbox
  readonly sent: string[]
  readonly logged: string[]
  answer: Sent
  tries: number
  tell(title: string, kind?: NoticeKind): Promise<void>
}

function open(
  options: { quiet?: Quiet; to?: Partial<Subscription>; digests?: boolean; start?: number } = {},
): Post {
  const clock = createMovableClock({ start: options.start ?? noon })
  const log = {
    info: () => {},
    warn: (message: string, facts?: object) => void logged.push(`${message} ${JSON.stringify(facts)}`),
  }
  const sent: string[] = []
  const logged: string[] = []
  const target = {
    name: 'test',
    digests: options.digests ?? true,
    send: async ({ title, lines }: Notice) => {
      post.tries++
      if (post.answer.ok) sent.push([title, ...lines].join('\n'))
      return post.answer
    },
  }
  const outbox = new Outbox([{ target, events: undefined, quiet: true, ...options.to }], options.quiet, {
    clock,
    log,
  })
  const post: Post = {
    clock,
    outbox,
    sent,
    logged,
    answer: { ok: true, detail: '' },
    tries: 0,
    tell(title, kind = 'pool-spent') {
      outbox.push([notice(title, clock.now(), kind)])
      return outbox.work()
    },
  }
  return post
}

function notice(title: string, at: number, kind: NoticeKind = 'pool-spent'): Notice {
  return { kind, subject: title, urgent: kind === 'key-dead', at, title, lines: [] }
}

test('what fails is tried again, later and later, until it goes through', async () => {
  const post = open()
  post.answer = down
  await post.tell('one')
  const waits: number[] = []
  let last = post.clock.now()
  for (let second = 0; second < 700; second++) {
    post.clock.advance(secondMs)
    const before = post.tries
    await post.outbox.work()
    if (post.tries === before) continue
    waits.push((post.clock.now() - last) / secondMs)
    last = post.clock.now()
  }
  assert.deepEqual(waits, [5, 10, 20, 40, 80, 160, 320])
  post.answer = { ok: true, detail: '' }
  post.clock.advance(640 * secondMs)
  await post.outbox.work()
  assert.deepEqual(post.sent, ['one'])
  assert.equal(post.logged.length, 1, 'an outage is logged once, not once a try')
})

test('a target that asks for time gets it', async () => {
  const post = open()
  post.answer = { ...down, afterMs: 60 * secondMs }
  await post.tell('one')
  post.answer = { ok: true, detail: '' }
  post.clock.advance(59 * secondMs)
  await post.outbox.work()
  assert.deepEqual(post.sent, [])
  post.clock.advance(secondMs)
  await post.outbox.work()
  assert.deepEqual(post.sent, ['one'])
})

test('what is refused is given up at once, and the next one goes', async () => {
  const post = open()
  post.answer = { ok: false, detail: 'HTTP 404', retry: false }
  await post.tell('one')
  assert.equal(post.tries, 1)
  assert.match(post.logged[0] ?? '', /given up.*"one".*HTTP 404/)
  post.answer = { ok: true, detail: '' }
  await post.tell('two')
  assert.deepEqual(post.sent, ['two'])
})

test('a dead target keeps a hundred messages, urgent ones longest, and none longer than six hours', async () => {
  const post = open({ digests: false })
  post.answer = down
  await post.tell('urgent', 'key-dead')
  for (let number = 0; number < 150; number++) await post.tell(`number ${number}`)
  assert.equal(post.logged.filter((line) => line.includes('more than 100')).length, 51)
  post.answer = { ok: true, detail: '' }
  post.clock.advance(3_600_000)
  await post.outbox.work()
  assert.equal(post.sent.length, 100)
  assert.equal(post.sent[0], 'urgent')
  assert.equal(post.sent[1], 'number 51')

  post.answer = down
  await post.tell('old')
  post.clock.advance(6 * 3_600_000 + 1)
  post.answer = { ok: true, detail: '' }
  await post.outbox.work()
  assert.equal(post.sent.includes('old'), false)
  assert.match(post.logged.at(-1) ?? '', /six hours/)
})

test('a dead target holds up nobody else', async () => {
  const clock = createMovableClock({ start: noon })
  const never = Promise.withResolvers<Sent>()
  const heard: string[] = []
  const to = (name: string, send: (notice: Notice) => Promise<Sent>): Subscription => ({
    target: { name, digests: true, send },
    events: undefined,
    quiet: true,
  })
  const good = to('good', async ({ title }) => {
    heard.push(title)
    return { ok: true, detail: '' }
  })
  const log = { info: () => {}, warn: () => {} }
  const outbox = new Outbox([to('hangs', () => never.promise), good], undefined, { clock, log })
  outbox.push([notice('one', noon)])
  const first = outbox.work()
  outbox.push([notice('two', noon)])
  void outbox.work()
  await Promise.resolve()
  never.resolve(down)
  await first
  assert.deepEqual(heard, ['one', 'two'])
})

test('in quiet hours only what may pass does; the rest comes as one message afterwards', async () => {
  const post = open({ quiet: night, start: midnight })
  await post.tell('one')
  await post.tell('dead', 'key-dead')
  await post.tell('two')
  assert.deepEqual(post.sent, ['dead'])
  post.clock.set(midnight + 7 * 3_600_000 - 1)
  await post.outbox.work()
  assert.equal(post.sent.length, 1)
  post.clock.set(midnight + 7 * 3_600_000)
  await post.outbox.work()
  assert.equal(post.sent.length, 2)
  assert.match(post.sent[1] ?? '', /^2 messages\n- one\n- two\n/)
})

test('a target may be told not to keep quiet, and to hear of some things only', async () => {
  const awake = open({ quiet: night, start: midnight, to: { quiet: false } })
  await awake.tell('one')
  assert.deepEqual(awake.sent, ['one'])
  const picky = open({ to: { events: new Set(['key-dead'] as const) } })
  await picky.tell('one')
  await picky.tell('dead', 'key-dead')
  assert.deepEqual(picky.sent, ['dead'])
})

test('many at once are one message for people, and stay apart for programs', async () => {
  const many = Array.from({ length: 30 }, (_, index) => notice(`model ${index}`, noon, 'model-gone'))
  const people = open()
  people.outbox.push(many)
  await people.outbox.work()
  assert.equal(people.sent.length, 1)
  assert.match(people.sent[0] ?? '', /^30 messages\n- model 0\n[^]*- model 19\nand 10 more\./)
  const program = open({ digests: false })
  program.outbox.push(many)
  await program.outbox.work()
  assert.equal(program.sent.length, 30)
})

test('a target that throws ends nothing but its message', async () => {
  const clock = createMovableClock({ start: noon })
  const logged: string[] = []
  const log = { info: () => {}, warn: (message: string) => void logged.push(message) }
  const send = (): Promise<Sent> => Promise.reject(new Error('https://secret.example'))
  const to = { target: { name: 'test', digests: true, send }, events: undefined, quiet: true }
  const outbox = new Outbox([to], undefined, { clock, log })
  outbox.push([notice('one', noon)])
  await outbox.work()
  assert.deepEqual(logged, ['a message to test was given up'])
})

test('what waits when a process ends is taken up by the next, unless its target is gone or it is too old', async () => {
  const before = open({ quiet: night, start: midnight })
  before.answer = down
  await before.tell('dead', 'key-dead')
  await before.tell('held')
  const left = before.outbox.unsent()
  assert.deepEqual(
    [left['test']?.waiting, left['test']?.held].map((queue) => queue?.map(({ title }) => title)),
    [['dead'], ['held']],
  )
  const after = open({ quiet: night, start: midnight + 3_600_000 })
  after.outbox.restore({ ...left, gone: left['test'] ?? { waiting: [], held: [] } })
  await after.outbox.work()
  assert.deepEqual(after.sent, ['dead'])
  after.clock.set(midnight + 7 * 3_600_000)
  await after.outbox.work()
  assert.deepEqual(after.sent, ['dead', 'held'])
  assert.deepEqual(after.outbox.unsent(), {})

  const late = open({ start: midnight + 7 * 3_600_000 })
  late.outbox.restore(left)
  await late.outbox.work()
  assert.deepEqual(late.sent, ['held'])
  assert.match(late.logged[0] ?? '', /given up.*"dead".*too old/)
})

test('what quiet hours held back is tried as long as any message from their end on, also after a restart', async () => {
  for (const digests of [true, false]) {
    const post = open({ quiet: night, digests, start: midnight - 3_600_000 })
    await post.tell('held')
    post.answer = down
    post.clock.advance(8 * 3_600_000)
    await post.outbox.work()
    const next = open({ quiet: night, digests, start: post.clock.now() })
    next.outbox.restore(post.outbox.unsent())
    next.answer = down
    await next.outbox.work()
    next.clock.advance(3_600_000)
    await next.outbox.work()
    next.answer = { ok: true, detail: '' }
    next.clock.advance(3_600_000)
    await next.outbox.work()
    assert.deepEqual([next.sent.length, next.logged.filter((line) => /given up/.test(line))], [1, []])
  }
})
