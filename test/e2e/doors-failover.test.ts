import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ScriptedFault } from '../../src/simulator/faults.ts'
import { allDoors, bytesOf, type Door, doors, knock } from '../support/doors.ts'
import { inFlight, rowsOf, until } from '../support/probe.ts'
import { openStand, type Stand } from '../support/stand.ts'

type Case = Omit<ScriptedFault, 'provider'>

const free = 'auto'
const paid = 'gpt-oss:20b'

function callsOf({ simulator }: Stand): number {
  const { openrouter, ollama } = simulator.counters()
  return openrouter.calls + ollama.calls
}

const anyway: readonly Case[] = [
  { kind: 'error-5xx', status: 500 },
  { kind: 'error-5xx', status: 503 },
  { kind: 'error-in-200' },
  { kind: 'empty-answer' },
  { kind: 'html-200' },
  { kind: 'garbage-200' },
  { kind: 'truncated-json', at: 'after-comments' },
  { kind: 'cut', at: 'after-comments' },
  { kind: 'stall', at: 'after-comments' },
  { kind: 'no-headers' },
  { kind: 'reset' },
  { kind: 'upstream-429' },
  { kind: 'rate-shared-day' },
  { kind: 'choice-error', at: 'after-comments' },
]
const streamed: readonly Case[] = [
  { kind: 'in-stream-error', at: 'after-comments' },
  { kind: 'in-stream-error', at: 'mid-text', afterChunks: 0 },
  { kind: 'end-without-done', at: 'after-comments' },
  { kind: 'end-without-done', at: 'mid-text', afterChunks: 0 },
  { kind: 'cut', at: 'mid-text', afterChunks: 0 },
  { kind: 'stall', at: 'mid-text', afterChunks: 0 },
  { kind: 'error-5xx', at: 'after-comments' },
  { kind: 'upstream-429', at: 'after-comments' },
  { kind: 'upstream-429', at: 'mid-text', afterChunks: 0 },
  { kind: 'rate-shared-day', at: 'after-comments' },
  { kind: 'choice-error', at: 'mid-text', afterChunks: 0 },
  { kind: 'comments-forever' },
]
/** Faults that say nothing about the model: the other key of the service answers. */
const betweenKeys: readonly Case[] = (
  ['html-200', 'garbage-200', 'truncated-json', 'cut', 'reset', 'empty-answer'] as const
).map((kind) => ({ kind, at: 'after-comments' }))

async function textOf(door: Door, reply: Response, stream: boolean): Promise<string> {
  const body = await bytesOf(reply)
  assert.equal(reply.status, 200, body)
  if (!stream) return door.textOf(JSON.parse(body))
  const read = door.read(body)
  assert.deepEqual([read.ended, read.errors, read.broken], [true, [], []], body)
  return read.text
}

function named({ kind, status, at }: Case, stream: boolean): string {
  return [kind, status, at, stream ? 'streamed' : 'whole'].filter((word) => word !== undefined).join(' ')
}

for (const door of allDoors) {
  for (const [provider, model, cases] of [
    [
      'openrouter',
      free,
      [
        ...anyway.map((each) => [each, true] as const),
        ...anyway.map((each) => [each, false] as const),
        ...streamed.map((each) => [each, true] as const),
      ],
    ],
    ['ollama', paid, betweenKeys.flatMap((each) => [[each, true] as const, [each, false] as const])],
  ] as const) {
    test(`${door.name}: what ${provider} breaks before its first content, the next answers unseen`, async (t) => {
      await using stand = await openStand({ routing: { firstContentMs: 500, wholeMs: 500 } })
      for (const [fault, stream] of cases) {
        await t.test(named(fault, stream), async () => {
          // Whatever rested after the last case is back.
          stand.clock.advance(24 * 3_600_000)
          stand.simulator.clearFaults()
          stand.simulator.addFault({ ...fault, provider })
          const before = callsOf(stand)
          const reply = await knock(stand, door, { ...door.question('hello'), model, stream })
          assert.match(await textOf(door, reply, stream), /You said: hello/)
          assert.equal(reply.headers.get('x-switchyard-attempts'), '2')
          assert.equal(callsOf(stand) - before, 2)
          await until(async () => (await inFlight(stand)) === 0, 'no call in flight')
        })
      }
      // Negative control.
      stand.simulator.clearFaults()
      stand.clock.advance(24 * 3_600_000)
      const reply = await knock(stand, door, { ...door.question('hello'), model, stream: true })
      await reply.text()
      assert.equal(reply.headers.get('x-switchyard-attempts'), '1')
    })
  }
}

type Break = Case & {
  readonly state: 'truncated' | 'failed'
  /** What the client is told. */
  readonly words?: RegExp
}
const lost = /^Provider disconnected unexpectedly$/
const cuts: readonly Break[] = [
  { kind: 'cut', state: 'truncated' },
  { kind: 'cut', chopBytes: 5, state: 'truncated' },
  { kind: 'end-without-done', state: 'truncated' },
  { kind: 'stall', state: 'truncated' },
]
const openrouterBreaks: readonly Break[] = [
  ...cuts,
  { kind: 'truncated-json', state: 'truncated' },
  { kind: 'truncated-json', chopBytes: 5, state: 'truncated' },
  { kind: 'in-stream-error', state: 'failed', words: lost },
  { kind: 'in-stream-error', chopBytes: 5, state: 'failed', words: lost },
  { kind: 'choice-error', state: 'failed', words: lost },
  { kind: 'error-5xx', at: 'mid-text', state: 'failed' },
  {
    kind: 'upstream-429',
    at: 'mid-text',
    state: 'failed',
    words: /^\S+ is temporarily rate-limited upstream\.$/,
  },
]
const ollamaBreaks: readonly Break[] = [
  ...cuts,
  // Half a line at the end of NDJSON is a line that cannot be read, not a silent stop.
  { kind: 'truncated-json', state: 'failed' },
  { kind: 'error-line', state: 'failed' },
  { kind: 'error-line', chopBytes: 3, state: 'failed' },
]

for (const door of allDoors) {
  for (const [provider, model, breaks] of [
    ['openrouter', 'google/gemma-4-31b-it:free', openrouterBreaks],
    ['ollama', paid, ollamaBreaks],
  ] as const) {
    test(`${door.name}: what ${provider} breaks after its first content ends in one error of the dialect, and nothing is tried again`, async (t) => {
      for (const { state, words = /./, ...fault } of breaks) {
        const name = `${fault.kind}${fault.chopBytes === undefined ? '' : ', chopped'}`
        await t.test(name, async () => {
          await using stand = await openStand({ routing: { idleMs: 100 } })
          stand.simulator.addFault({ ...fault, afterChunks: 20, provider })
          const reply = await knock(stand, door, { ...door.question('repeat 40 words'), model, stream: true })
          assert.equal(reply.status, 200)
          const body = await bytesOf(reply)
          const read = door.read(body)
          assert.deepEqual([read.ended, read.errors.length, read.broken], [false, 1, []], body)
          assert.match(read.errors[0] ?? '', words)
          assert.match(read.text, /^word1 word2/)
          assert.doesNotMatch(read.text, /word40/)
          assert.equal(callsOf(stand), 1)
          assert.equal(await inFlight(stand), 0)
          const [row, ...others] = await rowsOf(stand)
          assert.deepEqual([row?.state, row?.usageSource, others], [state, 'estimated', []])
          const output = row?.usage?.output ?? 0
          assert.ok(output >= 15 && output <= 32, `about 20 pieces went by, estimated: ${output}`)
        })
      }
    })
  }

  test(`${door.name}: an answer that came to its end but for its mark is whole, where the mark holds no data`, async () => {
    for (const [provider, model] of [
      ['openrouter', 'google/gemma-4-31b-it:free'],
      ['ollama', paid],
    ] as const) {
      await using stand = await openStand()
      stand.simulator.addFault({ provider, kind: 'end-without-done-after-finish' })
      const reply = await knock(stand, door, { ...door.question('repeat 40 words'), model, stream: true })
      const read = door.read(await bytesOf(reply))
      // The last event of Responses repeats the answer with its usage: what was not sent, nobody else can write.
      const lacks = door === doors.responses && provider === 'openrouter'
      assert.deepEqual([read.ended, read.errors.length, read.broken], [!lacks, lacks ? 1 : 0, []])
      assert.match(read.text, /word40$/)
      assert.equal((await rowsOf(stand))[0]?.state, lacks ? 'truncated' : 'done')
    }
  })
}
