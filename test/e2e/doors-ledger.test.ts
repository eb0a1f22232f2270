import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bytesOf, type Door, doors, eventDoors, knock } from '../support/doors.ts'
import { eventsOf } from '../support/event-stream.ts'
import { rowsOf } from '../support/probe.ts'
import { openStand, type StandOptions } from '../support/stand.ts'

const model = 'anthropic/claude-haiku-4.5'
// As the service names who answers.
const served = 'anthropic/claude-4.5-haiku-20251001'
const options: StandOptions = {
  simulator: { openrouter: { accounts: [{ creditsBought: 10 }], cachedShare: 0.5 } },
}

type Members = Readonly<Record<string, unknown>>

/** A wish for thinking, as each dialect says it. */
function thinking({ name }: Door): Members {
  if (name === 'messages') return { thinking: { type: 'enabled', budget_tokens: 1024 } }
  return { reasoning: { effort: 'low' } }
}

/** Counts in the ledger's terms: `input` holds what was cached, `output` what was thought. */
interface Counts {
  readonly input: number
  readonly output: number
  readonly cached: number
  readonly reasoning: number
  readonly nanoUsd: number
}

const member = (from: unknown, ...path: readonly string[]): unknown =>
  path.reduce<unknown>((value, name) => (value as Members | null | undefined)?.[name], from)

/** What OpenRouter's own usage says, read as the documentation of each API says it. */
function countsOf(door: Door, usage: unknown): Counts {
  const count = (...path: readonly string[]): number => Number(member(usage, ...path) ?? 0)
  const nanoUsd = Math.round(count('cost') * 1e9)
  switch (door.name) {
    case 'messages': {
      const cached = count('cache_read_input_tokens')
      const written = count('cache_creation_input_tokens')
      return {
        input: count('input_tokens') + cached + written,
        output: count('output_tokens'),
        cached,
        reasoning: count('output_tokens_details', 'thinking_tokens'),
        nanoUsd,
      }
    }
    case 'responses':
      return {
        input: count('input_tokens'),
        output: count('output_tokens'),
        cached: count('input_tokens_details', 'cached_tokens'),
        reasoning: count('output_tokens_details', 'reasoning_tokens'),
        nanoUsd,
      }
    default:
      return {
        input: count('prompt_tokens'),
        output: count('completion_tokens'),
        cached: count('prompt_tokens_details', 'cached_tokens'),
        reasoning: count('completion_tokens_details', 'reasoning_tokens'),
        nanoUsd,
      }
  }
}

/** The last usage that an answer tells. */
function usageIn(body: string, stream: boolean): unknown {
  if (!stream) return member(JSON.parse(body), 'usage')
  const events = eventsOf(body).flatMap(({ data }) =>
    data === '[DONE]' ? [] : [JSON.parse(data) as Members],
  )
  return events
    .map((event) => event['usage'] ?? member(event, 'response', 'usage'))
    .findLast((usage) => usage)
}

for (const door of eventDoors) {
  for (const stream of [true, false]) {
    for (const [title, question, chopBytes] of [
      ['a short answer', 'hello', 0],
      ['an answer of many kilobytes', 'repeat 3000 words', 0],
      ['such an answer in small pieces', 'repeat 3000 words', 211],
    ] as const) {
      test(`${door.name}, ${stream ? 'streamed' : 'whole'}: ${title} is booked as the service counted it`, async () => {
        await using stand = await openStand({
          simulator: { ...options.simulator, chopBytes, wordsPerChunk: 7 },
        })
        const body = { ...door.question(question), ...thinking(door), ...door.bounded(20_000), model, stream }
        const reply = await knock(stand, door, body)
        const text = await bytesOf(reply)
        const told = countsOf(door, usageIn(text, stream))
        assert.ok(
          told.input > 0 && told.output > 0 && told.cached > 0 && told.nanoUsd > 0,
          JSON.stringify(told),
        )
        assert.ok(door.name === 'messages' || told.reasoning > 0)
        if (question !== 'hello') assert.ok(told.output > 4096)
        const [row, ...others] = await rowsOf(stand)
        assert.deepEqual(others, [])
        const { cached = 0, reasoning = 0, input, output } = row?.usage ?? {}
        assert.deepEqual(
          { input, output, cached, reasoning: told.reasoning === 0 ? 0 : reasoning, nanoUsd: row?.nanoUsd },
          told,
        )
        assert.deepEqual(
          [row?.state, row?.usageSource, row?.priceSource, row?.finish, row?.served, row?.stream],
          ['done', 'provider', 'service', 'stop', served, stream],
        )
        if (!stream) assert.equal(Number(reply.headers.get('x-switchyard-cost')) * 1e9, told.nanoUsd)
      })
    }
  }

  test(`${door.name}: how an answer ended is in the ledger`, async () => {
    const parameters = { type: 'object', properties: {} }
    const tool =
      door === doors.messages
        ? { name: 'get_weather', input_schema: parameters }
        : door === doors.responses
          ? { type: 'function', name: 'get_weather', parameters }
          : { type: 'function', function: { name: 'get_weather', parameters } }
    for (const stream of [true, false]) {
      await using stand = await openStand(options)
      for (const [question, rest] of [
        ['hello', {}],
        ['repeat 400 words', door.bounded(16)],
        ['please call get_weather', { tools: [tool] }],
      ] as const)
        await (await knock(stand, door, { ...door.question(question), model, stream, ...rest })).text()
      assert.deepEqual(
        (await rowsOf(stand)).map(({ state, finish, usageSource }) => [state, finish, usageSource]),
        ['stop', 'length', 'tool-calls'].map((finish) => ['done', finish, 'provider']),
      )
    }
  })

  test(`${door.name}: what the service did not count is estimated, and said to be`, async () => {
    for (const stream of [true, false]) {
      await using stand = await openStand(options)
      stand.simulator.addFault({ provider: 'openrouter', kind: 'no-usage' })
      await (await knock(stand, door, { ...door.question('repeat 40 words'), model, stream })).text()
      const [row] = await rowsOf(stand)
      assert.deepEqual([row?.state, row?.usageSource, row?.finish], ['done', 'estimated', 'stop'])
      assert.ok((row?.usage?.input ?? 0) > 0)
      if (stream) {
        const output = row?.usage?.output ?? 0
        assert.ok(output >= 35 && output <= 60, `40 words, estimated: ${output}`)
        // The list price of the model: 1000 nano-dollars a token in, 5000 out.
        assert.ok((row?.nanoUsd ?? 0) > output * 4000, `${row?.nanoUsd}`)
      }
    }
  })
}

test('responses: an end without output and usage is booked by what went by', async () => {
  await using stand = await openStand(options)
  stand.simulator.addFault({ provider: 'openrouter', kind: 'bare-completed' })
  const door = doors.responses
  const reply = await knock(stand, door, { ...door.question('repeat 40 words'), model, stream: true })
  const read = door.read(await reply.text())
  assert.deepEqual([read.ended, read.errors], [true, []])
  const [row] = await rowsOf(stand)
  assert.deepEqual([row?.state, row?.usageSource, row?.served], ['done', 'estimated', served])
  assert.ok((row?.usage?.output ?? 0) >= 35)
})

test('what is translated is booked like what is relayed', async () => {
  const web = { type: 'web_search' }
  for (const [door, rest] of [
    [doors.responses, { tools: [web] }],
    [doors.messages, { fallbacks: [{ model }] }],
    [doors.ollama, {}],
    [doors.generate, {}],
  ] as const) {
    for (const stream of [true, false]) {
      await using stand = await openStand(options)
      await (await knock(stand, door, { ...door.question('repeat 40 words'), model, stream, ...rest })).text()
      const [row] = await rowsOf(stand)
      assert.deepEqual(
        [row?.state, row?.usageSource, row?.priceSource, row?.finish, row?.served],
        ['done', 'provider', 'service', 'stop', served],
      )
      const { input = 0, output = 0, cached = 0 } = row?.usage ?? {}
      assert.ok(input > 0 && output > 40 && cached > 0)
    }
  }
})
