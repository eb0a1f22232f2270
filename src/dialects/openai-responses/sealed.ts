import type { JsonObject } from '../../chat/types.ts'
import { asObject, asText, parseJson, present } from '../lenient.ts'

// `encrypted_content` is how reasoning comes back from a client of a service that keeps nothing. What another dialect
// gave has no such form, so it travels in a text of ours: opaque to clients, and known again by its beginning.
const ours = 'switchyard.1.'

export interface Thought {
  readonly text: string
  readonly signature?: string
  readonly sealed?: string
}

/** What was sealed already goes as it is: beside it there is only the text, and that is in the summary. */
export function writeSealed(thought: Thought): string {
  const { text, signature, sealed } = thought
  if (sealed !== undefined && signature === undefined) return sealed
  const json = JSON.stringify(present({ text, signature, sealed }))
  return ours + Buffer.from(json).toString('base64url')
}

/** A text of another service stays sealed: it is never shown to a model as words. One of ours that is broken says nothing. */
export function readSealed(content: string | undefined): Partial<Thought> {
  if (content === undefined || content === '') return {}
  if (!content.startsWith(ours)) return { sealed: content }
  const json = Buffer.from(content.slice(ours.length), 'base64url').toString()
  return thoughtOf(asObject(parseJson(json)) ?? {})
}

function thoughtOf(held: JsonObject): Partial<Thought> {
  const text = asText(held.text)
  const signature = asText(held.signature)
  const sealed = asText(held.sealed)
  return {
    ...(text === undefined ? {} : { text }),
    ...(signature === undefined ? {} : { signature }),
    ...(sealed === undefined ? {} : { sealed }),
  }
}
