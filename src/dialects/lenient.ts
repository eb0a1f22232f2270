import type { Json, JsonObject } from '../chat/types.ts'

// Readers of JSON that others wrote: a member of the wrong type counts as absent.

export type Loose = Json | undefined

export function asObject(value: Loose): JsonObject | undefined {
  return typeof value === 'object' && value !== null && !isList(value) ? value : undefined
}

export function isList(value: Loose): value is readonly Json[] {
  return Array.isArray(value)
}

export function asList(value: Loose): readonly Json[] {
  return isList(value) ? value : []
}

export function asText(value: Loose): string | undefined {
  return typeof value === 'string' ? value : undefined
}

/** The first text that says something. */
export function firstText(...values: readonly Loose[]): string {
  for (const value of values) if (typeof value === 'string' && value !== '') return value
  return ''
}

export function asNumber(value: Loose): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined
}

export function asBoolean(value: Loose): boolean | undefined {
  return typeof value === 'boolean' ? value : undefined
}

const mostCredible = 1_000_000_000

/** A token count that can be true: a whole number from 0 to a billion. Anything else would spoil the ledger. */
export function asCount(value: Loose): number | undefined {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= mostCredible
    ? (value as number)
    : undefined
}

/** Undefined for text that is not JSON (`null` is JSON). */
export function parseJson(text: string): Loose {
  try {
    return JSON.parse(text) as Json
  } catch {
    return undefined
  }
}

/** The members that have a value. */
export function present(members: { readonly [name: string]: Loose }): Record<string, Json> {
  const object: Record<string, Json> = {}
  for (const name in members) {
    const value = members[name]
    if (value !== undefined) object[name] = value
  }
  return object
}
