import { answerTo } from '../../answer.ts'
import { readStrings, type Json } from '../../json.ts'
import { errorTypeOf } from '../error-types.ts'
import { plainRefusal, refusalBody, type Refusal } from '../errors.ts'
import type { Generation } from '../generation.ts'
import type { Asked, OpenRouterDialect } from '../dialect.ts'
import { readResponsesQuestion } from './question.ts'
import { errorField, failedResponse, finishedResponse, outputItems } from './result.ts'
import { writeResponseError, writeResponseFrames } from './stream.ts'

/** What the API does not have: it keeps no state (https://openrouter.ai/docs/api_reference/responses/error-handling). */
function statefulMember(body: Json): string | undefined {
  // Even `store: null` is refused (https://github.com/BerriAI/litellm/pull/30868).
  if (body['store'] !== undefined && body['store'] !== false) return 'store'
  return (body['previous_response_id'] ?? null) === null ? undefined : 'previous_response_id'
}

function read(body: Json): Asked | Refusal {
  const { input } = body
  if (typeof input === 'string' ? input === '' : !Array.isArray(input) || input.length === 0) {
    return plainRefusal('bad-request', 400, 'Invalid request: input is required')
  }
  const stateful = statefulMember(body)
  if (stateful !== undefined) {
    return plainRefusal('bad-request', 400, `Invalid request: ${stateful} is not supported by this API`)
  }
  return { question: readResponsesQuestion(body), fallbacks: readStrings(body['models']) }
}

/** The same answer, broken off in the middle of its text. */
function halved(generation: Generation): Generation {
  const { answer } = generation
  const text = (answer.text ?? '').slice(0, (answer.text ?? '').length >> 1)
  return { ...generation, answer: { ...answer, text, finish: 'length' } }
}

/** POST /responses, OpenAI's Responses API without state. */
export const responses: OpenRouterDialect = {
  output: 'text',
  callPrefix: 'call_',
  quirks: new Set(['no-event-lines', 'bare-completed', 'late-reasoning']),
  read,
  answer: answerTo,
  refusalBody: (refusal, { settings }) =>
    settings.responsesErrors === 'chat'
      ? refusalBody(refusal)
      : {
          error: errorField(refusal.error),
          // The guide shows it only as null; what the chat API knows is taken to be there.
          metadata: refusal.error['metadata'] ?? null,
          error_type: errorTypeOf(refusal.error),
        },
  write: (generation) => JSON.stringify(finishedResponse(generation)),
  writeFailed: (generation, error, partial) => {
    const output = partial ? outputItems(halved(generation)).map(({ closed }) => closed) : []
    return JSON.stringify({ ...failedResponse(generation, error), output })
  },
  frames: writeResponseFrames,
  errorFrame: writeResponseError,
}
