import type { JsonObject } from '../chat/types.ts'
import { readJson, readList, readObject, readText } from './bodies.ts'
import type { RawReply } from './provider.ts'

/** Which service an error answer looks like, and by what. */
export interface Guess {
  readonly provider: string
  readonly clue: string
}

interface Clue extends Guess {
  /** `error`: the member of that name when it is an object, else empty. */
  holds(parts: { readonly body: JsonObject; readonly error: JsonObject; readonly text: string }): boolean
}

/** First match decides: marks that only one service has, then the shape. */
const clues: readonly Clue[] = [
  {
    provider: 'openrouter',
    clue: 'the error has the metadata of OpenRouter',
    holds: ({ error }) =>
      readObject(error['metadata']) !== undefined || readObject(error['availability']) !== undefined,
  },
  {
    provider: 'openrouter',
    clue: 'it speaks of OpenRouter',
    holds: ({ text }) => /openrouter|free-models-per-(?:day|min)|No endpoints found/i.test(text),
  },
  {
    provider: 'ollama',
    clue: 'it speaks of Ollama',
    holds: ({ text }) => /ollama\.com|\(ref: [0-9a-f-]{8,}\)/i.test(text),
  },
  {
    provider: 'ollama',
    clue: 'the error is a text and nothing else, as Ollama sends it',
    holds: ({ body }) => readText(body['error']) !== undefined && Object.keys(body).length <= 2,
  },
  {
    provider: 'openrouter',
    clue: 'the error has a number as its code and no type, as OpenRouter sends it',
    holds: ({ error, body }) =>
      typeof error['code'] === 'number' && !('type' in error) && !('status' in error) && 'error' in body,
  },
  {
    provider: 'compatible',
    clue: 'it has the shape of OpenAI’s errors',
    holds: ({ error }) => 'type' in error || 'code' in error || 'status' in error,
  },
  {
    provider: 'compatible',
    clue: 'it has the flat shape that several OpenAI-compatible services use',
    holds: ({ body }) => 'detail' in body || 'title' in body || ('message' in body && !('error' in body)),
  },
]

/** Guesses the service by what only one of them sends; undefined when it could be any. */
export function guessProvider(reply: RawReply): Guess | undefined {
  const json = readJson(reply.text)
  const body = readObject(readList(json)[0] ?? json) ?? {}
  const parts = { body, error: readObject(body['error']) ?? {}, text: reply.text }
  const found = clues.find((clue) => clue.holds(parts))
  return found === undefined ? undefined : { provider: found.provider, clue: found.clue }
}
