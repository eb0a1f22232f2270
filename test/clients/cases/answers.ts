import assert from 'node:assert/strict'
import { rowsOf } from '../../support/probe.ts'
import { forecast, tinyPng, tinyPngBytes, toolbox } from '../props.ts'
import { models, openStage } from '../stage.ts'
import { type Case, echo, greeting, onStage, passed, settle } from './case.ts'

const ignore = (): void => {}
const thought = `The user wrote ${greeting.length} characters. I answer in plain words.`

export const text: Case = onStage(
  'A whole answer: the text to the last character, and that it is complete. On OpenRouter with `auto`.',
  {},
  async ({ client, session, side, model }) => {
    const said = await session.whole({ model: side === 'openrouter' ? 'auto' : model, text: greeting })
    assert.deepEqual([said.text, said.finish], [echo, client.finish.stop])
  },
)

export const stream: Case = onStage(
  'A streamed answer, from a service whose bytes come five at a time: the same text, in pieces, and that it is complete.',
  { simulator: { chopBytes: 5 } },
  async ({ client, session, model }) => {
    const pieces: string[] = []
    const said = await session.streamed({ model, text: greeting }, (piece) => pieces.push(piece))
    assert.deepEqual([said.text, pieces.join(''), said.finish], [echo, echo, client.finish.stop])
    assert.ok(pieces.filter((piece) => piece !== '').length > 3, `it came in ${pieces.length} pieces`)
  },
)

export const usage: Case = {
  meaning: 'The token numbers of a whole and of a streamed answer are those of the ledger.',
  sides: 'each',
  run: async (client, side) => {
    await using stage = await openStage()
    const session = client.open(stage.door)
    const turn = { model: models[side], text: greeting }
    const said = [await session.streamed(turn, ignore), await session.whole(turn)]
    await settle(stage, side)
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

export const length: Case = onStage(
  'An answer that reached its token limit says so, whole and streamed.',
  {},
  async ({ client, session, model }) => {
    const turn = { model, text: 'repeat 400 words', maxTokens: 16 }
    for (const said of [await session.streamed(turn, ignore), await session.whole(turn)]) {
      assert.equal(said.finish, client.finish.length)
      assert.ok(said.text.startsWith('word1 ') && said.text.length <= 64, said.text)
    }
  },
)

function toolRound(name: 'tools' | 'toolsStreamed', meaning: string): Case {
  return onStage(meaning, {}, async ({ session, stage, model }) => {
    const { tools, used } = toolbox()
    const answer = await session[name]({ model, text: 'Call get_weather and get_time.' }, tools)
    assert.deepEqual(used, [
      ['get_weather', { city: 'example' }],
      ['get_time', { zone: 'example', offset: 1 }],
    ])
    assert.equal(answer, 'The tool answered: 12:00 in example')
    assert.equal(stage.newRequests(), 2, 'both calls came in one turn')
  })
}

export const tools: Case = toolRound(
  'tools',
  'Two tools called in one turn, run, and answered from: arguments, ids and results stay together.',
)

export const toolsStreamed: Case = toolRound('toolsStreamed', 'The same with every turn streamed.')

export const image: Case = onStage(
  'A PNG inside the request arrives whole.',
  {},
  async ({ session, model }) => {
    const said = await session.whole({ model, text: 'What is this?', pngBase64: tinyPng })
    assert.ok(said.text.startsWith(`I see 1 image (${tinyPngBytes} bytes). `), said.text)
  },
)

export const structured: Case = onStage(
  'An object that fits a JSON Schema, parsed by the client.',
  {},
  async ({ session, model }) => {
    const value = await session.structured({ model, text: 'What is the weather?' }, forecast)
    assert.deepEqual(value, { city: 'example', degrees: 1 })
  },
)

export const reasoning: Case = onStage(
  'The reasoning, apart from the text, whole and streamed.',
  {},
  async ({ session, model }) => {
    const turn = { model, text: greeting, reasoning: true }
    for (const said of [await session.streamed(turn, ignore), await session.whole(turn)])
      assert.deepEqual([said.reasoning, said.text], [thought, echo])
  },
)
