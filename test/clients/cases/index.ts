import assert from 'node:assert/strict'
import type { CaseName } from '../client-under-test.ts'
import { models } from '../stage.ts'
import * as answers from './answers.ts'
import { type Case, onStage } from './case.ts'
import * as failures from './failures.ts'

const unexplained = 'the client has no such function, and "cannot" does not say why'

const listing: Case = onStage(
  "The client reads the gateway's list of models, of both services.",
  {},
  async ({ session }) => {
    assert.ok(session.models !== undefined, unexplained)
    const ids = await session.models()
    for (const model of Object.values(models)) assert.ok(ids.includes(model), `${model} is listed`)
  },
  'once',
)

const embeddings: Case = onStage(
  "Two texts become two vectors, by OpenRouter, in the client's own default encoding.",
  // Vectors are not free.
  { simulator: { openrouter: { accounts: [{ creditsBought: 10 }] } } },
  async ({ session }) => {
    assert.ok(session.embed !== undefined, unexplained)
    const vectors = await session.embed('openai/text-embedding-3-small', ['one', 'two'])
    const [first, second] = vectors
    assert.ok(vectors.length === 2 && first !== undefined && second !== undefined)
    assert.ok(first.length > 1 && first.length === second.length, `${first.length}, ${second.length}`)
    assert.ok([...first, ...second].every((each) => Number.isFinite(each)))
    assert.ok(first.some((each) => each !== 0))
    assert.notDeepEqual(first, second)
  },
  'once',
)

/** The columns of the matrix. */
export const cases: Readonly<Record<CaseName, Case>> = {
  text: answers.text,
  stream: answers.stream,
  usage: answers.usage,
  length: answers.length,
  tools: answers.tools,
  'tools streamed': answers.toolsStreamed,
  image: answers.image,
  structured: answers.structured,
  reasoning: answers.reasoning,
  error: failures.error,
  broken: failures.broken,
  abort: failures.abort,
  spent: failures.spent,
  wait: failures.wait,
  models: listing,
  embeddings,
}
