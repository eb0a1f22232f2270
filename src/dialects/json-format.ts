import type { ChatRequest, Json, JsonObject } from '../chat/types.ts'
import { asBoolean, asText, present } from './lenient.ts'

/** A JSON Schema with its name, as OpenAI's two wires describe it. */
export function readDescribed(described: JsonObject): NonNullable<ChatRequest['format']> {
  const name = asText(described.name)
  const strict = asBoolean(described.strict)
  return {
    ...(described.schema === undefined ? {} : { schema: described.schema }),
    ...(name === undefined ? {} : { name }),
    ...(strict === undefined ? {} : { strict }),
  }
}

/** The name is required there. */
export function writeDescribed({ schema, name, strict }: NonNullable<ChatRequest['format']>): {
  readonly [member: string]: Json
} {
  return present({ name: name ?? 'answer', strict, schema })
}
