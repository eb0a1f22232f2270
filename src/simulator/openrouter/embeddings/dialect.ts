import type { Answer, Question } from '../../answer.ts'
import type { Json } from '../../json.ts'
import { plainRefusal, refusalBody, type Refusal } from '../errors.ts'
import type { Asked, OpenRouterDialect } from '../dialect.ts'
import { readInputs } from './inputs.ts'
import { writeEmbeddings } from './result.ts'

function findFault(body: Json): string | undefined {
  const { encoding_format: format, dimensions } = body
  if (format !== undefined && format !== 'float' && format !== 'base64') {
    return 'encoding_format must be "float" or "base64"'
  }
  if (dimensions === undefined) return undefined
  return Number.isInteger(dimensions) && (dimensions as number) > 0
    ? undefined
    : 'dimensions must be a whole number from 1'
}

function read(body: Json): Asked | Refusal {
  const inputs = readInputs(body['input'])
  const fault = inputs === undefined ? 'input is required' : findFault(body)
  if (inputs === undefined || fault !== undefined) {
    return plainRefusal('bad-request', 400, `Invalid request: ${fault}`)
  }
  const tokens = inputs.reduce((sum, input) => sum + input.tokens, 0)
  const question: Question = {
    // A token stands for four characters everywhere in the simulator.
    promptChars: tokens * 4,
    lastUserText: '',
    toolResult: undefined,
    tools: [],
    toolChoice: 'none',
    oneToolCall: false,
    imageBytes: inputs.flatMap(({ imageBytes }) => imageBytes),
    schema: undefined,
    wantsReasoning: false,
    maxTokens: 0,
    stop: [],
  }
  return { question, fallbacks: [] }
}

/** Nothing is said: the vectors are made from the request when they are written. */
function answer({ promptChars }: Question): Answer {
  return {
    text: '',
    reasoning: '',
    toolCalls: [],
    finish: 'stop',
    stoppedBy: null,
    promptTokens: Math.max(1, promptChars / 4),
    reasoningTokens: 0,
    outputTokens: 0,
  }
}

/** POST /embeddings, OpenAI's API; it does not stream. */
export const embeddings: OpenRouterDialect = {
  output: 'embeddings',
  callPrefix: 'call_',
  quirks: new Set(),
  read,
  answer,
  refusalBody,
  write: writeEmbeddings,
  writeFailed: (_generation, error) => JSON.stringify({ error }),
}
