import type { Json } from '../../chat/types.ts'
import type { ModelInfo } from '../provider.ts'

/** From the least to the most; what a model does not name is replaced by its nearest neighbour. */
const levels: readonly string[] = ['low', 'medium', 'high', 'max']

/**
 * What to say of thinking to this model in place of what was asked; undefined: it may be said as it is. A model that
 * cannot think refuses to be asked with 400, and some know only levels or only yes and no
 * (https://docs.ollama.com/capabilities/thinking). `null` leaves it to the model.
 */
export function thinkingFor(asked: Json | undefined, info: ModelInfo | undefined): Json | undefined {
  if (asked === undefined || asked === null || info === undefined) return undefined
  if (info.capabilities?.includes('reasoning') === false) return null
  const known = info.thinking ?? (isGptOss(info.id) ? levels.slice(0, 3) : undefined)
  if (known === undefined || known.some((value) => value === asked)) return undefined
  const named = levels.filter((level) => known.includes(level))
  if (typeof asked === 'string') {
    if (named.length === 0) return known.includes(true) ? true : null
    return nearest(levels.indexOf(asked), named)
  }
  // Thinking that cannot be switched off is kept as short as it goes.
  if (asked === false) return named[0] ?? null
  return named[Math.floor(named.length / 2)] ?? null
}

function nearest(wanted: number, named: readonly string[]): string | null {
  const ordered = named.toSorted(
    (one, other) => Math.abs(levels.indexOf(one) - wanted) - Math.abs(levels.indexOf(other) - wanted),
  )
  return ordered[0] ?? null
}

/** Takes low, medium and high, and ignores yes and no (https://docs.ollama.com/capabilities/thinking). */
function isGptOss(model: string): boolean {
  return model.toLowerCase().startsWith('gpt-oss')
}
