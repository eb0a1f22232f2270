import { randomUUID } from 'node:crypto'
import type { Json, JsonObject, Tool } from '../chat/types.ts'
import { asBoolean, asList, asObject, asText, parseJson, present, type Loose } from './lenient.ts'

/** Reads `[{type: "function", function: {…}}]`, which several dialects share. Tools of other types are left out. */
export function readTools(tools: Loose): readonly Tool[] {
  const read: Tool[] = []
  for (const value of asList(tools)) {
    const tool = asObject(value)
    const named = asObject(tool?.function)
    const name = asText(named?.name)
    if (named === undefined || name === undefined) continue
    const description = asText(named.description)
    const strict = asBoolean(named.strict)
    read.push({
      name,
      ...(description === undefined ? {} : { description }),
      parameters: named.parameters ?? {},
      ...(strict === undefined ? {} : { strict }),
    })
  }
  return read
}

export function writeTool(tool: Tool, parameters: Json, strict: boolean | undefined): JsonObject {
  return {
    type: 'function',
    function: present({ name: tool.name, description: tool.description, parameters, strict }),
  }
}

/** A call id for an upstream that gives none. Random, because clients keep calls of many answers in one history. */
export function makeCallId(): string {
  return `call_${randomUUID().slice(0, 8)}`
}

/** Arguments as JSON text, for a wire that has them as an object. */
export function argsText(args: Loose): string {
  return typeof args === 'string' ? args : JSON.stringify(args ?? {})
}

/** Arguments as the object some wires want. What a model wrote that is no JSON object travels as `_raw`. */
export function argsObject(args: string): JsonObject {
  if (args.trim() === '') return {}
  return asObject(parseJson(args)) ?? { _raw: args }
}
