import type { RequestKind } from '../chat/types.ts'

const latest = ':latest'

/**
 * The ways to write one model's name, as it came first: a name without a tag is the one with the tag `latest`
 * (https://docs.ollama.com/api#model-names), and some clients add that to every name
 * (https://github.com/ollama/ollama/issues/12645).
 */
export function spellings(name: string): readonly string[] {
  const asked = name.trim()
  if (asked.endsWith(latest)) return [asked, withoutLatest(asked)]
  return hasTag(asked) ? [asked] : [asked, asked + latest]
}

/** A colon behind the last slash. Not as a pattern: one is tried from every colon, and a client may write many. */
export function hasTag(name: string): boolean {
  return name.lastIndexOf(':') > name.lastIndexOf('/')
}

export function withoutLatest(name: string): string {
  const asked = name.trim()
  return asked.endsWith(latest) ? asked.slice(0, -latest.length) : asked
}

/**
 * The model that an operator puts in place of a name: one given as it is, else one whose beginning fits (`claude-*`), the
 * longest first. Once: what stands in place is a model, not another alias.
 */
export function unalias(aliases: Readonly<Record<string, string>>, asked: string): string {
  const name = asked.trim()
  if (Object.hasOwn(aliases, name)) return aliases[name] ?? name
  let best: string | undefined
  for (const alias of Object.keys(aliases)) {
    if (!alias.endsWith('*') || !name.startsWith(alias.slice(0, -1))) continue
    if (best === undefined || alias.length > best.length) best = alias
  }
  return best === undefined ? asked : (aliases[best] ?? asked)
}

/** Who rests when a model fails: one that was asked for what it cannot do goes on with what it can. */
export function restName(model: string, kind: RequestKind): string {
  return kind === 'chat' ? model : `${model} (${kind})`
}
