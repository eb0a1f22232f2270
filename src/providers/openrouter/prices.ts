import type { Json, JsonObject } from '../../chat/types.ts'
import { readCount, readList, readObject } from '../bodies.ts'
import type { DearerPrice, Price } from '../provider.ts'

const decimal = /^(\d{1,12}(?:\.\d{0,20})?|\.\d{1,20})(?:[eE]([+-]?\d{1,2}))?$/

/**
 * Dollars per token as nano-dollars, by moving the decimal point in the text: "0.00000012" times 1e9 is not 120 in
 * floating point. Undefined for anything that is no price, such as the "-1" of routers.
 */
export function readNanoUsd(value: Json | undefined): number | undefined {
  const text = typeof value === 'number' ? String(value) : value
  const found = typeof text === 'string' ? decimal.exec(text.trim()) : null
  return found?.[1] === undefined ? undefined : Number(`${found[1]}e${Number(found[2] ?? 0) + 9}`)
}

/** The `pricing` of a model. Undefined where a part of it cannot be read: what a call may cost is then unknown. */
export function readPrice(pricing: JsonObject): Price | undefined {
  const input = readNanoUsd(pricing['prompt'])
  const output = readNanoUsd(pricing['completion'])
  const request = readPart(pricing['request'])
  const dearer = [readDearestParts(pricing), ...readList(pricing['overrides']).map(readOverride)]
  if (input === undefined || output === undefined || request === 'unknown') return undefined
  if (dearer.includes('unknown')) return undefined
  const known = dearer.filter((each) => each !== undefined && each !== 'unknown')
  const cached = readNanoUsd(pricing['input_cache_read'])
  const cacheWrite = readNanoUsd(pricing['input_cache_write'])
  return {
    input,
    output,
    ...(cached !== undefined && { cached }),
    ...(cacheWrite !== undefined && { cacheWrite }),
    ...(request > 0 && { request }),
    ...(known.length > 0 && { dearer: known }),
  }
}

/** What a request can make of its tokens: caches kept for an hour, and thoughts with a price of their own. */
function readDearestParts(pricing: JsonObject): DearerPrice | undefined {
  const input = readNanoUsd(pricing['input_cache_write_1h'])
  const output = readNanoUsd(pricing['internal_reasoning'])
  if (input === undefined && output === undefined) return undefined
  return { fromInput: 0, ...(input !== undefined && { input }), ...(output !== undefined && { output }) }
}

/**
 * Prices that hold instead when a prompt is long, or at some hours of the day
 * (https://openrouter.ai/docs/client-sdks/typescript/models/pricingoverride).
 */
function readOverride(entry: Json): DearerPrice | 'unknown' {
  const override = readObject(entry)
  if (override === undefined) return 'unknown'
  const parts: { input?: number; output?: number; request?: number } = {}
  const read = (part: keyof typeof parts, name: string): boolean => {
    const price = readPart(override[name])
    if (price === 'unknown') return false
    if (override[name] != null) parts[part] = Math.max(parts[part] ?? 0, price)
    return true
  }
  const readable =
    read('input', 'prompt') &&
    read('input', 'input_cache_write') &&
    read('input', 'input_cache_write_1h') &&
    read('output', 'completion') &&
    read('output', 'internal_reasoning') &&
    read('request', 'request')
  return readable ? { fromInput: readCount(override['min_prompt_tokens']) ?? 0, ...parts } : 'unknown'
}

/** A part of a price that may be missing. */
function readPart(value: Json | undefined): number | 'unknown' {
  return value === undefined || value === null ? 0 : (readNanoUsd(value) ?? 'unknown')
}
