import type { JsonObject } from '../../chat/types.ts'
import { asList, asObject, asText, firstText, present } from '../lenient.ts'

export interface Reasoning {
  readonly text: string
  readonly signature?: string
}

/**
 * Reads the reasoning of a delta or a message. Gateways repeat one text under several names so that every client
 * finds it: it is read once.
 */
export function readReasoning(holder: JsonObject): Reasoning | undefined {
  const details = asList(holder.reasoning_details).map(asObject)
  const signature = details.map((detail) => asText(detail?.signature)).find((text) => text !== undefined)
  const detailed = details.map((detail) => firstText(detail?.text, detail?.summary)).join('')
  const text = firstText(holder.reasoning, holder.reasoning_content, detailed)
  if (text === '' && signature === undefined) return undefined
  return { text, ...(signature === undefined ? {} : { signature }) }
}

/** For clients, under both names in use: they read one or the other, and none doubles it. */
export function writeReasoning({ text, signature }: Reasoning): JsonObject {
  const details = [{ type: 'reasoning.text', text, signature: signature ?? null, index: 0 }]
  return present({
    reasoning: text,
    reasoning_content: text,
    reasoning_details: signature === undefined ? undefined : details,
  })
}
