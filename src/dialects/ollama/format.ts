import type { ChatRequest, Json } from '../../chat/types.ts'
import { emulated, type Loss } from '../dialect.ts'

/**
 * A schema goes out twice: as `format`, which a server of one's own enforces, and in words, because the hosted service
 * ignores the field (https://docs.ollama.com/capabilities/structured-outputs). With tools only in words: the field
 * would keep the model from calling them.
 */
export function writeFormat(
  request: ChatRequest,
  withTools: boolean,
  lost: Loss[],
): { readonly format: Json | undefined; readonly instruction: string | undefined } {
  const wanted = request.format
  if (wanted === undefined) return { format: undefined, instruction: undefined }
  const { schema } = wanted
  lost.push(emulated.format)
  return {
    format: withTools ? undefined : (schema ?? 'json'),
    instruction:
      schema === undefined
        ? 'When you answer in text, answer with one JSON object and nothing else: no explanation, no code fence.'
        : `When you answer in text, answer with one JSON value that matches this JSON Schema and nothing else: no explanation, no code fence.\n${JSON.stringify(schema)}`,
  }
}
