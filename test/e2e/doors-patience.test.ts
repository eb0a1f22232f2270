import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { createMovableClock } from '../../src/clock.ts'
import { startSimulator } from '../../src/simulator/index.ts'
import { openConfigGround } from '../support/config-ground.ts'
import { allDoors, type Door, doors, eventDoors, hear, knock } from '../support/doors.ts'
import { inFlight, nextTurn, rowsOf } from '../support/probe.ts'
import { refused } from '../support/refusals.ts'
import { noon, openStand, type Stand, type StandOptions } from '../support/stand.ts'

const minuteEnd = noon + 60_000
const simulator = { openrouter: { accounts: [{ perMinute: 1 }] } }
const onlyFree = {
  OPENROUTER_API_KEY_2: '',
  OPENROUTER_API_KEY_3: '',
  OLLAMA_API_KEY_1: '',
  OLLAMA_API_KEY_2: '',
}

const waiting = (seconds: number | string): { headers: Record<string, string> } => ({
  headers: { 'x-switchyard-max-wait': String(seconds) },
})

function request(door: Door, stream = true): Record<string, unknown> {
  return { ...door.question('hello'), model: 'auto', stream }
}

function callsOf({ simulator: { counters } }: Stand): number {
  return counters().openrouter.calls + counters().ollama.calls
}

/** Spends the one call of the minute, and learns from a refusal that it was the last. */
async function spend(stand: Stand): Promise<void> {
  for (const status of [200, 429]) {
    const reply = await knock(stand, doors.chat, request(doors.chat, false), waiting(0))
    await reply.text()
    assert.equal(reply.status, status)
  }
}

async function refusedOnce(stand: Stand): Promise<void> {
  const reply = await knock(stand, doors.chat, request(doors.chat, false), waiting(0))
  await reply.text()
  assert.equal(reply.status, 429)
}

/** Its clock stands still, `msLeft` before the minute ends. */
async function openSpent(msLeft: number, options: StandOptions = {}): Promise<Stand> {
  const stand = await openStand({ simulator, environment: onlyFree, ...options })
  try {
    // Not in the last second: what leaves in that is counted in the next minute as well.
    stand.clock.set(minuteEnd - 50_000)
    await spend(stand)
    stand.clock.set(minuteEnd - msLeft)
    return stand
  } catch (error) {
    await stand[Symbol.asyncDispose]()
    throw error
  }
}

function checkAnswer(door: Door, body: string, stream: boolean): void {
  if (!stream) return assert.match(door.textOf(JSON.parse(body)), /You said: hello|safe/)
  const read = door.read(body)
  assert.deepEqual([read.ended, read.errors, read.broken], [true, [], []], body)
  assert.match(read.text, /You said: hello|safe/)
}

/** Services, router and gateway on one clock that runs. */
async function openRunning(t: TestContext): Promise<Stand> {
  const clock = createMovableClock({ running: true, start: noon })
  const shared = await startSimulator({ clock, seed: 1, ...simulator })
  const stand = await openStand({ sharing: shared, environment: onlyFree })
  t.after(async () => {
    await stand[Symbol.asyncDispose]()
    await shared.close()
  })
  return stand
}

test('a request that may wait is held until the minute is over, and answered then', async (t) => {
  const stand = await openRunning(t)
  await spend(stand)
  stand.clock.set(minuteEnd - 200)
  const before = callsOf(stand)
  const reply = await knock(stand, doors.messages, request(doors.messages), waiting(5))
  const body = await reply.text()
  assert.equal(reply.status, 200, body)
  checkAnswer(doors.messages, body, true)
  assert.ok(stand.clock.now() >= minuteEnd)
  assert.equal(callsOf(stand) - before, 1, 'nobody knocked while it waited')
  assert.equal(reply.headers.get('x-switchyard-attempts'), '1')
  assert.equal(stand.simulator.counters().openrouter.wasted, 0)
})

for (const door of allDoors) {
  test(`${door.name}: a request is held while quota is on its way, and answered when it is back`, async () => {
    for (const stream of [true, false]) {
      await using stand = await openSpent(100)
      const before = callsOf(stand)
      const reply = knock(stand, door, request(door, stream), waiting(30))
      let settled = false
      void reply.finally(() => (settled = true))
      for (let turn = 0; turn < 200; turn++) await nextTurn()
      assert.deepEqual([settled, callsOf(stand)], [false, before])
      stand.clock.set(minuteEnd)
      const answer = await reply
      assert.equal(answer.status, 200)
      checkAnswer(door, await answer.text(), stream)
      assert.equal(callsOf(stand) - before, 1)
    }
  })

  test(`${door.name}: one that could not wait so long is refused at once, as is one that may not wait`, async () => {
    await using stand = await openSpent(40_000)
    const before = callsOf(stand)
    for (const seconds of [undefined, 0, 1, 39.9]) {
      const startedAt = performance.now()
      const options = seconds === undefined ? {} : waiting(seconds)
      const reply = await knock(stand, door, request(door), options)
      assert.equal(reply.headers.get('retry-after'), '40')
      assert.equal((await refused(reply)).status, 429)
      assert.ok(performance.now() - startedAt < 1_000, `${seconds} s: refused after a wait`)
    }
    assert.equal(callsOf(stand), before)
  })
}

test('a wait that cannot be read is refused, and none longer than ten minutes is taken', async () => {
  await using stand = await openStand()
  for (const door of allDoors) {
    for (const value of [
      '',
      ' ',
      '1m',
      '-1',
      '+1',
      '1e1',
      '0x10',
      'NaN',
      '600.001',
      '601',
      '99999',
      '1.2345',
      '1, 2',
    ]) {
      const told = await refused(await knock(stand, door, request(door), waiting(value)))
      assert.equal(told.status, 400, `"${value}"`)
      assert.match(told.message, /x-switchyard-max-wait takes seconds from 0 to 600/)
      if (door.framing === 'sse') assert.equal(told.form, door === doors.messages ? 'anthropic' : 'openai')
    }
    for (const value of ['0', '600', '0.5', ' 1 ', '1.250'])
      assert.equal((await knock(stand, door, request(door), waiting(value))).status, 200, `"${value}"`)
  }
})

test('a client that leaves while it waits leaves nothing behind: no lease, no row, and no call when quota is back', async () => {
  for (const door of [doors.messages, doors.ollama]) {
    for (const stream of [true, false]) {
      await using stand = await openSpent(200)
      const before = callsOf(stand)
      const leaving = new AbortController()
      const reply = knock(stand, door, request(door, stream), { ...waiting(30), signal: leaving.signal })
      for (let turn = 0; turn < 100; turn++) await nextTurn()
      leaving.abort()
      await assert.rejects(reply)
      stand.clock.set(minuteEnd)
      // Past the moment at which it would have been sent.
      await new Promise((resolve) => setTimeout(resolve, 600))
      assert.equal(callsOf(stand), before)
      assert.equal(await inFlight(stand), 0)
      const rows = (await rowsOf(stand)).filter(({ provider }) => provider === 'openrouter')
      assert.deepEqual(
        rows.map(({ state }) => state),
        ['done', 'failed'],
      )
    }
  }
})

test('who waits for quota is kept waiting by the dialect’s keep-alive; a failure then is the dialect’s error', async () => {
  for (const door of eventDoors) {
    await using stand = await openSpent(100, { gateway: { keepAliveMs: 20 } })
    const reply = await knock(stand, door, request(door), waiting(30))
    assert.equal(reply.status, 200, 'the head has gone out while the request waits')
    stand.clock.set(minuteEnd)
    const body = await reply.text()
    assert.match(body, /^(?:: keep-alive|event: ping)/)
    checkAnswer(door, body, true)

    stand.clock.set(minuteEnd + 10_000)
    await refusedOnce(stand)
    stand.clock.set(minuteEnd + 59_900)
    stand.simulator.addFault({ provider: 'openrouter', kind: 'rate-shared-day', times: 'always' })
    const failing = await knock(stand, door, request(door), waiting(2))
    assert.equal(failing.status, 200)
    stand.clock.set(minuteEnd + 60_000)
    const read = door.read(await failing.text())
    assert.deepEqual([read.ended, read.errors.length, read.broken], [false, 1, []])
    assert.match(read.errors[0] ?? '', /Daily limit reached/)
  }
})

test('trailers tell of an answer that was waited for', async () => {
  await using stand = await openSpent(100, { gateway: { keepAliveMs: 20 } })
  const heard = hear(stand, doors.responses, request(doors.responses), waiting(30))
  await new Promise((resolve) => setTimeout(resolve, 100))
  stand.clock.set(minuteEnd)
  const { trailers, headers } = await heard
  assert.equal(headers['x-switchyard-provider'], undefined)
  assert.equal(trailers['x-switchyard-provider'], 'openrouter')
  assert.equal(trailers['x-switchyard-attempts'], '1')
})

test('how long requests wait that do not say is a setting', async (t) => {
  const ground = await openConfigGround(t, 'routing:\n  maxWaitSeconds: 30\n', simulator)
  const stand = await ground.start({ environment: onlyFree })
  await spend(stand)
  stand.clock.set(minuteEnd - 100)
  const reply = knock(stand, doors.messages, request(doors.messages))
  let settled = false
  void reply.finally(() => (settled = true))
  for (let turn = 0; turn < 200; turn++) await nextTurn()
  assert.equal(settled, false)
  const impatient = await knock(stand, doors.messages, request(doors.messages), waiting(0))
  assert.equal(impatient.status, 429, 'the header has the last word')
  stand.clock.set(minuteEnd)
  checkAnswer(doors.messages, await (await reply).text(), true)
})

test('while somebody else can answer nobody waits', async () => {
  await using stand = await openStand({ simulator })
  stand.clock.set(minuteEnd - 40_000)
  for (const provider of ['openrouter', 'ollama', 'ollama']) {
    const reply = await knock(stand, doors.messages, request(doors.messages), waiting(60))
    await reply.text()
    assert.equal(reply.headers.get('x-switchyard-provider'), provider)
  }
})
