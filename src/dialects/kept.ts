import { isDeepStrictEqual } from 'node:util'
import type { JsonObject } from '../chat/types.ts'

/**
 * Members that say one thing together, e.g. `max_tokens` and `max_completion_tokens`. A member in no group has no
 * neutral form.
 */
export type Groups = readonly (readonly string[])[]

/** What writing the request again (`written`) would lose of `body`: a group is kept whole as soon as one member differs. */
export function keepRest(body: JsonObject, written: JsonObject, groups: Groups): JsonObject | undefined {
  const kept: Record<string, JsonObject[string]> = {}
  let any = false
  for (const name in body) {
    // Assigning to this name would set the prototype.
    if (name === '__proto__') continue
    const group = groups.find((names) => names.includes(name)) ?? [name]
    if (group.every((member) => same(body, written, member))) continue
    kept[name] = body[name] ?? null
    any = true
  }
  return any ? kept : undefined
}

/**
 * Puts kept members back in place of what was written, but only where they still say the same: a request that was
 * changed since it was read is written as it is now. `rewrite` reads a body and writes it again.
 */
export function putBack(
  written: JsonObject,
  kept: JsonObject,
  groups: Groups,
  rewrite: (body: JsonObject) => JsonObject,
): JsonObject {
  const keeping = groups.filter((group) => group.some((name) => name in kept))
  // What the original did not have beside a kept member must not stand beside it now.
  const original: Record<string, JsonObject[string]> = { ...written }
  for (const name of keeping.flat()) delete original[name]
  const again = rewrite({ ...original, ...kept })
  const body: Record<string, JsonObject[string]> = { ...written }
  for (const group of keeping) {
    if (!group.every((name) => same(again, written, name))) continue
    for (const name of group) delete body[name]
    for (const name of group) if (kept[name] !== undefined) body[name] = kept[name]
  }
  const known = new Set(groups.flat())
  for (const name in kept) if (!known.has(name) && kept[name] !== undefined) body[name] = kept[name]
  return body
}

function same(one: JsonObject, other: JsonObject, name: string): boolean {
  return isDeepStrictEqual(one[name], other[name])
}
