import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ScriptedFault } from '../../src/simulator/faults.ts'
import type { OpenRouterOptions } from '../../src/simulator/openrouter/options.ts'
import { type Door, doors, eventDoors, knock, pathsOf } from '../support/doors.ts'
import { noon, openStand, type Stand, wasteOf } from '../support/stand.ts'

const minuteEnd = noon + 60_000
const midnight = Date.UTC(2026, 10, 24)

/** How refusals may look: what `/messages` and `/responses` leave out, and what older ones did not have. */
const forms: readonly (readonly [title: string, settings: OpenRouterOptions])[] = [
  ['as documented', {}],
  ['as before August 2026', { oldErrors: true }],
  ['without headers', { rateLimitHeaders: false }],
  ['as before August 2026, without headers', { oldErrors: true, rateLimitHeaders: false }],
  ['with a reset in seconds', { resetUnit: 's' }],
  ['in the chat API’s envelope', { responsesErrors: 'chat' }],
  ['in the chat API’s envelope, as before August 2026', { responsesErrors: 'chat', oldErrors: true }],
]

const windows = [
  ['the day', { foreignUsed: 50 }, 'quota', midnight],
  ['the minute', { perMinute: 0 }, 'rate', minuteEnd],
] as const

/** Who answered at which attempt. */
async function send(
  stand: Stand,
  door: Door,
  rest: Readonly<Record<string, unknown>>,
): Promise<readonly [provider: string | null, attempts: string | null]> {
  const reply = await knock(stand, door, { ...door.question('hello'), stream: true, ...rest })
  const text = await reply.text()
  assert.equal(reply.status, 200, text)
  const read = door.read(text)
  assert.deepEqual([read.ended, read.errors, read.broken], [true, [], []], text)
  assert.match(read.text, /You said: hello|safe/)
  return [reply.headers.get('x-switchyard-provider'), reply.headers.get('x-switchyard-attempts')]
}

for (const door of eventDoors) {
  for (const [window, spent, kind, until] of windows) {
    test(`${door.name}: ${window} of free calls is spent: every account rests until it returns, and the client notices nothing`, async (t) => {
      for (const [form, settings] of forms) {
        // Only one of the APIs has that choice.
        if (settings.responsesErrors !== undefined && door !== doors.responses) continue
        await t.test(`refused ${form}`, async () => {
          const account = { creditsBought: 10, perDay: 50, ...spent }
          await using stand = await openStand({
            simulator: {
              openrouter: { ...settings, accounts: [account, account], keyShowsFreeRequests: false },
            },
          })
          assert.deepEqual(await send(stand, door, { model: 'auto' }), ['ollama', '3'])
          const native = door.path.replace('/v1', '')
          assert.deepEqual((await pathsOf(stand)).toSorted(), ['/api/chat', native, native])

          const { providers } = await stand.core.status()
          const free = providers.find(({ name }) => name === 'openrouter')
          assert.deepEqual(
            free?.accounts.map(({ cooldowns }) =>
              cooldowns.map((each) => [each.kind, each.until, each.lane]),
            ),
            [0, 1].map(() => [[kind, new Date(until).toISOString(), 'free']]),
          )
          assert.deepEqual([free.cooldown, free.restingModels], [undefined, []])
          assert.ok(free.accounts.every(({ keys }) => keys.every(({ cooldown }) => cooldown === undefined)))

          // Until then nobody knocks there again, by whatever door and for whatever free model.
          for (const other of eventDoors)
            assert.deepEqual(await send(stand, other, { model: 'auto' }), ['ollama', '1'])
          stand.clock.set(until - 1)
          assert.deepEqual(await send(stand, door, { model: 'auto' }), ['ollama', '1'])
          assert.deepEqual(wasteOf(stand.simulator), { wasted: 0, refused: 2 })

          // What is paid for does not rest.
          const paid = { model: 'google/gemma-4-31b-it' }
          assert.deepEqual(await send(stand, door, paid), ['openrouter', '1'])
        })
      }
    })
  }

  test(`${door.name}: when the day is new, free calls are made again`, async () => {
    await using stand = await openStand({
      simulator: { openrouter: { accounts: [{ foreignUsed: 50 }], keyShowsFreeRequests: false } },
    })
    assert.deepEqual(await send(stand, door, { model: 'auto' }), ['ollama', '2'])
    stand.clock.set(midnight + 1)
    assert.deepEqual(await send(stand, door, { model: 'auto' }), ['openrouter', '1'])
  })
}

const model = 'google/gemma-4-31b-it:free'
const shared: readonly Omit<ScriptedFault, 'provider'>[] = [
  { kind: 'rate-shared-minute' },
  { kind: 'rate-shared-day' },
  { kind: 'upstream-429' },
  { kind: 'upstream-429', retryAfterSeconds: 7 },
  { kind: 'upstream-429', at: 'after-comments' },
  { kind: 'error-5xx', status: 503 },
]

for (const door of eventDoors) {
  test(`${door.name}: what concerns one model for everybody lets the model rest and no account`, async (t) => {
    for (const oldErrors of [false, true]) {
      for (const fault of shared) {
        const title = [fault.kind, fault.at, fault.retryAfterSeconds, oldErrors ? 'old' : undefined]
        await t.test(title.filter((word) => word !== undefined).join(' '), async () => {
          await using stand = await openStand({ simulator: { openrouter: { oldErrors } } })
          stand.simulator.addFault({ ...fault, provider: 'openrouter', model, times: 'always' })
          const reply = await knock(stand, door, { ...door.question('hello'), model, stream: true })
          await reply.text()
          assert.ok([429, 503].includes(reply.status), String(reply.status))
          const { providers } = await stand.core.status()
          const free = providers.find(({ name }) => name === 'openrouter')
          assert.deepEqual(
            free?.restingModels.map((each) => each.model),
            [model],
          )
          assert.ok(free?.accounts.every(({ cooldowns }) => cooldowns.length === 0))
          // Other keys would have been told the same.
          assert.ok(stand.simulator.counters().openrouter.calls <= 2)
          const other = 'nvidia/nemotron-3-ultra-550b-a55b:free'
          assert.deepEqual(await send(stand, door, { model: other }), ['openrouter', '1'])
        })
      }
    }
  })
}

test('negative control: without a refusal every call is answered by the free account', async () => {
  await using stand = await openStand()
  for (const door of [doors.messages, doors.responses])
    assert.deepEqual(await send(stand, door, { model: 'auto' }), ['openrouter', '1'])
})
