import assert from 'node:assert/strict'
import { inFlight, rowsOf, until } from '../support/probe.ts'
import { ask, noon } from '../support/stand.ts'
import type { CaseName, ClientUnderTest, Session, Side } from './client-under-test.ts'
import { models, openStage, type Stage, type StageOptions } from './stage.ts'
import { forecast, tinyPng, tinyPngBytes, toolbox } from './props.ts'

/** One column of the matrix. */
export interface Case {
  /** What it proves, for the page. */
  readonly meaning: string
  /** `each`: once against either service. Else once. */
  readonly sides: 'each' | 'once'
  /** Resolves with what the cell shows; rejects when the client does not do what it should. */
  run(client: ClientUnderTest, side: Side): Promise<string>
}

const passed = '✓'
// Characters of two, three and four bytes, to be cut anywhere on their way.
const greeting = 'Grüße, 你好, 🌍! Say this back.'
const echo = `You said: ${greeting}`
const thought = `The user wrote ${greeting.length} characters. I answer in plain words.`

/** The function for a case, which a client either has or explains in `cannot`. */
function need<Name extends keyof Session>(session: Session, name: Name): NonNullable<Session[Name]> {
  const found = session[name]
  assert.ok(found != null, `the client has no "${name}", and "cannot" does not say why`)
  return found
}

/** A case that is about one session; afterwards no lease may be left. */
function inSession(
  meaning: string,
  options: StageOptions,
  act: (at: {
    readonly session: Session
    readonly client: ClientUnderTest
    readonly stage: Stage
    readonly model: string
    readonly side: Side
  }) => Promise<string | void>,
): Case {
  const run = async (client: ClientUnderTest, side: Side): Promise<string> => {
    await using stage = await openStage(options)
    const session = client.open(stage.door)
    const shown = await act({ session, client, stage, model: models[side], side })
    await until(async () => (await inFlight(stage.stand)) === 0, 'no lease is held')
    const other = side === 'openrouter' ? 'ollama' : 'openrouter'
    assert.equal(stage.stand.simulator.counters()[other].calls, 0, 'the other service was not asked')
    return shown ?? passed
  }
  return { meaning, sides: 'each', run }
}

const text = inSession(
  'A whole answer: the text to the last character, and that it is complete. On OpenRouter with `auto`.',
  {},
  async ({ session, client, model, side }) => {
    const whole = need(session, 'whole')
    const said = await whole({ model: side === 'openrouter' ? 'auto' : model, text: greeting })
    assert.equal(said.text, echo)
    assert.equal(said.finish, client.finish.stop)
  },
)

const stream = inSession(
  'A streamed answer, from a service whose bytes come five at a time: the same text, in pieces, and that it is complete.',
  { simulator: { chopBytes: 5 } },
  async ({ session, client, model }) => {
    const pieces: string[] = []
    const said = await session.streamed({ model, text: greeting }, (piece) => pieces.push(piece))
    assert.equal(said.text, echo)
    assert.equal(pieces.join(''), echo)
    assert.ok(pieces.filter((piece) => piece !== '').length > 3, `it came in ${pieces.length} pieces`)
    assert.equal(said.finish, client.finish.stop)
  },
)

const usage: Case = {
  meaning: 'The token numbers of a whole and of a streamed answer are those of the ledger.',
  sides: 'each',
  run: async (client, side) => {
    await using stage = await openStage()
    const session = client.open(stage.door)
    const turn = { model: models[side], text: greeting }
    const said = [await session.streamed(turn, () => {})]
    if (session.whole !== undefined) said.push(await session.whole(turn))
    const rows = await rowsOf(stage.stand)
    assert.equal(rows.length, said.length)
    for (const [index, { inputTokens = 0, outputTokens = 0 }] of said.entries()) {
      assert.ok(inputTokens > 0 && outputTokens > 0, `${inputTokens} and ${outputTokens} tokens`)
      const { input, output } = rows[index]?.usage ?? {}
      assert.deepEqual([inputTokens, outputTokens], [input, output])
    }
    return passed
  },
}

const length = inSession(
  'An answer that reached `max_tokens` says so, whole and streamed.',
  {},
  async ({ session, client, model }) => {
    const turn = { model, text: 'repeat 400 words', maxTokens: 16 }
    const said = [await session.streamed(turn, () => {})]
    if (session.whole !== undefined) said.push(await session.whole(turn))
    for (const each of said) {
      assert.equal(each.finish, client.finish.length)
      assert.ok(each.text.startsWith('word1 ') && each.text.length <= 64, each.text)
    }
  },
)

function toolRound(name: 'tools' | 'toolsStreamed', meaning: string): Case {
  return inSession(meaning, {}, async ({ session, stage, model }) => {
    const { tools, used } = toolbox()
    const round = need(session, name)
    const answer = await round({ model, text: 'Call get_weather and get_time.' }, tools)
    assert.deepEqual(used, [
      ['get_weather', { city: 'example' }],
      ['get_time', { zone: 'example', offset: 1 }],
    ])
    assert.equal(answer, 'The tool answered: 12:00 in example')
    assert.equal(stage.newRequests(), 2, 'both calls came in one turn')
  })
}

const image = inSession('A PNG inside the request arrives whole.', {}, async ({ session, model }) => {
  const turn = { model, text: 'What is this?', pngBase64: tinyPng }
  const { text: answer } = await (session.whole?.(turn) ?? session.streamed(turn, () => {}))
  assert.ok(answer.startsWith(`I see 1 image (${tinyPngBytes} bytes). `), answer)
})

const structured = inSession(
  'An object that fits a JSON Schema, parsed by the client.',
  {},
  async ({ session, model }) => {
    const fitting = need(session, 'structured')
    assert.deepEqual(await fitting({ model, text: 'What is the weather?' }, forecast), {
      city: 'example',
      degrees: 1,
    })
  },
)

const reasoning = inSession(
  'The reasoning, apart from the text, whole and streamed.',
  {},
  async ({ session, model }) => {
    const turn = { model, text: greeting, reasoning: true }
    const said = [await session.streamed(turn, () => {})]
    if (session.whole !== undefined) said.push(await session.whole(turn))
    for (const each of said) assert.deepEqual([each.reasoning, each.text], [thought, echo])
  },
)

const error = inSession(
  'A model that nobody has: the error class of the client, with the gateway’s message, whole and streamed.',
  {},
  async ({ session, client, stage, side }) => {
    const turn = { model: side === 'openrouter' ? 'nobody/has-this' : 'gpt-oss:7b', text: greeting }
    const asks = [() => session.streamed(turn, () => {}), () => session.whole?.(turn)]
    for (const asking of session.whole === undefined ? asks.slice(0, 1) : asks) {
      const caught = await failureOf(asking())
      assert.ok(refusalOf(client, caught, 404).includes(turn.model), describe(caught))
    }
    assert.equal(stage.newRequests(), session.whole === undefined ? 1 : 2, 'it was not tried again')
  },
)

const broken = inSession(
  'A service that breaks off in mid-answer: the client reports an error, and nothing that looks complete.',
  {},
  async ({ session, stage, model, side }) => {
    stage.stand.simulator.addFault({ provider: side, kind: 'cut', afterChunks: 6 })
    let heard = ''
    const reading = session.streamed({ model, text: 'repeat 40 words' }, (piece) => (heard += piece))
    await failureOf(reading)
    assert.ok(heard.startsWith('word1 word2') && !heard.includes('word40'), heard)
    assert.equal(stage.stand.simulator.counters()[side].calls, 1, 'it was not tried again')
  },
)

const abort = inSession(
  'A client that leaves in mid-stream: the upstream call ends, and no lease is left.',
  {},
  async ({ session, stage, model, side }) => {
    const { simulator } = stage.stand
    simulator.addFault({ provider: side, kind: 'stall', afterChunks: 6 })
    const leaving = new AbortController()
    const turn = { model, text: 'repeat 40 words', signal: leaving.signal }
    let heard = ''
    const reading = session.streamed(turn, (piece) => {
      heard += piece
      if (heard.includes('word3')) leaving.abort()
    })
    // Some clients reject, others end quietly; both have left.
    await reading.then(
      ({ text: answer }) => assert.ok(!answer.includes('word40')),
      () => {},
    )
    assert.ok(leaving.signal.aborted, `it ended before it was told to: ${heard}`)
    await until(() => simulator.counters()[side].aborted === 1, 'the upstream call has ended')
  },
)

/** Asks until the gateway says that nothing is left. */
async function spend({ stand, newRequests }: Stage, model: string): Promise<void> {
  const statuses: number[] = []
  while (statuses.at(-1) !== 429) {
    assert.ok(statuses.length < 5, `still answered: ${statuses.join()}`)
    statuses.push((await stand.chat(ask('hello', { model }))).status)
  }
  newRequests()
}

const spent: Case = {
  meaning:
    'Every account is spent for hours: the client stops with an error, no call goes upstream. The number is how often it asked.',
  sides: 'each',
  run: async (client, side) => {
    await using stage = await openStage({
      retries: 'own',
      simulator: {
        openrouter: { accounts: [{ perDay: 1 }] },
        ollama: { accounts: [{ plan: 'legacy_free', sessionRequests: 1 }] },
      },
    })
    const { simulator } = stage.stand
    await spend(stage, models[side])
    const before = simulator.counters()[side].calls
    const session = client.open(stage.door)
    const turn = { model: models[side], text: greeting }
    const caught = await failureOf(session.whole?.(turn) ?? session.streamed(turn, () => {}))
    assert.match(refusalOf(client, caught, 429), /every pool for .* is spent/)
    assert.equal(simulator.counters()[side].calls, before, 'no call went upstream')
    assert.equal(simulator.counters()[side].wasted, 0)
    const requests = stage.newRequests()
    assert.equal(requests, client.requestsWhenSpent, `${requests} requests reached the gateway`)
    return String(requests)
  },
}

const wait: Case = {
  meaning: 'Every account is back in two seconds: the client waits that long by itself and is answered.',
  sides: 'each',
  run: async (client, side) => {
    await using stage = await openStage({
      retries: 'own',
      simulator: { openrouter: { accounts: [{ perMinute: 1 }] }, ollama: { accounts: [{}] } },
    })
    const { simulator, clock } = stage.stand
    if (side === 'ollama') {
      const headers = { 'retry-after': '60' }
      const body = '{"error":"too many requests"}'
      simulator.addFault({ provider: side, kind: 'custom', status: 429, headers, body })
    }
    await spend(stage, models[side])
    const before = simulator.counters()[side].calls
    clock.set(noon + 58_500)
    const session = client.open(stage.door)
    const turn = { model: models[side], text: greeting }
    const said = await (session.whole?.(turn) ?? session.streamed(turn, () => {}))
    assert.equal(said.text, echo)
    assert.equal(stage.newRequests(), 2, 'one refusal, one answer')
    assert.equal(simulator.counters()[side].calls, before + 1, 'one call went upstream')
    return passed
  },
}

const listing: Case = {
  meaning: 'The client reads the gateway’s list of models, of both services.',
  sides: 'once',
  run: async (client) => {
    await using stage = await openStage()
    const list = need(client.open(stage.door), 'models')
    const ids = await list()
    for (const model of Object.values(models)) assert.ok(ids.includes(model), `${model} is listed`)
    return passed
  },
}

const embeddings: Case = {
  meaning: 'Two texts become two vectors, by OpenRouter; the client’s own default encoding.',
  sides: 'once',
  run: async (client) => {
    await using stage = await openStage({ simulator: { openrouter: { accounts: [{ creditsBought: 10 }] } } })
    const embed = need(client.open(stage.door), 'embed')
    const [first, second, ...rest] = await embed('openai/text-embedding-3-small', ['one', 'two'])
    assert.ok(first !== undefined && second !== undefined && rest.length === 0)
    assert.ok(first.length > 1 && first.length === second.length, `${first.length}, ${second.length}`)
    assert.ok([...first, ...second].every((each) => Number.isFinite(each)))
    assert.ok([...first, ...second].some((each) => each !== 0))
    assert.notDeepEqual(first, second)
    return passed
  },
}

export const cases: Readonly<Record<CaseName, Case>> = {
  text,
  stream,
  usage,
  length,
  tools: toolRound(
    'tools',
    'Two tools called in one turn, run, and answered from: arguments, ids and results stay together.',
  ),
  'tools streamed': toolRound('toolsStreamed', 'The same with every turn streamed.'),
  image,
  structured,
  reasoning,
  error,
  broken,
  abort,
  spent,
  wait,
  models: listing,
  embeddings,
}

async function failureOf(promise: Promise<unknown> | undefined): Promise<unknown> {
  try {
    await promise
  } catch (caught) {
    return caught
  }
  return assert.fail('no error was reported')
}

function refusalOf(client: ClientUnderTest, caught: unknown, status: 404 | 429): string {
  const told = client.refusal(caught, status)
  assert.ok(told !== undefined, `not the class for ${status}: ${describe(caught)}`)
  return told
}

function describe(caught: unknown): string {
  return caught instanceof Error ? `${caught.constructor.name}: ${caught.message}` : JSON.stringify(caught)
}
