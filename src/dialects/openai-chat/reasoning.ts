import type { JsonObject } from '../../chat/types.ts'
import { asList, asObject, asText, firstText, present } from '../lenient.ts'

export interface Reasoning {
  readonly text: string
  readonly signature?: string
  /** What only the service that made it can read. */
  readonly sealed?: string
}

/**
 * Reads the reasoning of a delta or a message. Gateways repeat one text under several names so that every client
 * finds it: it is read once.
 */
export function readReasoning(holder: JsonObject): Reasoning | undefined {
  const details = asList(holder.reasoning_details).map(asObject)
  const signature = details.map((detail) => asText(detail?.signature)).find((text) => text !== undefined)
  const sealed = details.map((detail) => asText(detail?.data)).find((text) => text !== undefined)
  const detailed = details.map((detail) => firstText(detail?.text, detail?.summary)).join('')
  const text = firstText(holder.reasoning, holder.reasoning_content, detailed)
  if (text === '' && signature === undefined && sealed === undefined) return undefined
  return {
    text,
    ...(signature === undefined ? {} : { signature }),
    ...(sealed === undefined ? {} : { sealed }),
  }
}

/** For clients, under both names in use: they read one or the other, and none doubles it. */
export function writeReasoning(reasoning: Reasoning): JsonObject {
  const details = writeDetails(reasoning)
  return present({
    reasoning: reasoning.text,
    reasoning_content: reasoning.text,
    reasoning_details: details.length === 0 ? undefined : details,
  })
}

/** What has to come back unchanged with the next turn (docs: https://openrouter.ai/docs/use-cases/reasoning-tokens). */
export function writeDetails({ text, signature, sealed }: Reasoning): readonly JsonObject[] {
  return [
    ...(signature === undefined ? [] : [{ type: 'reasoning.text', text, signature }]),
    ...(sealed === undefined ? [] : [{ type: 'reasoning.encrypted', data: sealed }]),
  ].map((detail, index) => ({ ...detail, index }))
}
