import type { ChatRequest, JsonObject } from '../../chat/types.ts'
import { RequestError } from '../../errors.ts'
import type { Loss } from '../dialect.ts'
import { asList, asText } from '../lenient.ts'
import { lossesOf } from '../ollama/untold.ts'

const said: readonly string[] = ['prompt', 'system', 'images', 'suffix', 'context']

/** What a prompt loses as a conversation. Throws for what would make it another question. */
export function untold(request: ChatRequest): readonly Loss[] {
  const kept = request.extra?.['ollama-generate'] ?? {}
  refuseUnsayable(kept)
  return lossesOf(kept, [...said, ...idle(kept)])
}

/** Members that are there and ask for nothing. */
function idle({ raw, template }: JsonObject): string[] {
  return [...(raw === true ? [] : ['raw']), ...(asText(template) ? [] : ['template'])]
}

function refuseUnsayable({ suffix, context }: JsonObject): void {
  // A completion made without the text behind the gap would repeat it. Ollama refuses it as well, of models that lack
  // `insert` (https://docs.ollama.com/api/generate).
  if (asText(suffix)) {
    throw new RequestError(
      'invalid_request',
      `no model here supports insert, so 'suffix' cannot be honoured; leave it out, or put both sides of the gap into 'prompt'`,
      'suffix',
    )
  }
  // The conversation so far, as tokens of another server's model.
  if (asList(context).length > 0) {
    throw new RequestError(
      'invalid_request',
      `'context' holds tokens that only the server which made them can read; send the conversation to /api/chat`,
      'context',
    )
  }
}
