import type { Json, JsonObject } from '../chat/types.ts'

/** An answer as an object, or undefined when it is anything else. */
export function readObject(value: Json | undefined): JsonObject | undefined {
  // `Array.isArray` does not narrow readonly arrays away, hence the assertion beside the check.
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as JsonObject)
    : undefined
}

/** Text with something in it. */
export function readText(value: Json | undefined): string | undefined {
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined
}

/** A list; empty for anything else. */
export function readList(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? (value as readonly Json[]) : []
}

/** Foreign text as JSON; undefined when it is none. */
export function readJson(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json
  } catch {
    return undefined
  }
}

/** A whole number that is not negative, also when it comes as a string. */
export function readCount(value: Json | undefined): number | undefined {
  const number = typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value
  return typeof number === 'number' && Number.isSafeInteger(number) && number >= 0 ? number : undefined
}

/** Whether a body is a page for people: a proxy, a portal or a block page answered in the service's place. */
export function isPage(text: string): boolean {
  // A byte order mark counts as white space here.
  return text.trimStart().startsWith('<')
}
