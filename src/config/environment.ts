import { readFileSync } from 'node:fs'
import { ConfigError } from '../errors.ts'
import type { Provider } from '../providers/provider.ts'
import type { KeySettings } from '../routing/settings.ts'
import { Secret } from '../secret.ts'

/** Like `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>

/**
 * The keys of one provider: `NAME`, `NAME_1` … `NAME_N`, each also as `…_FILE` with the path of a file that holds the
 * key. Gaps in the numbers are fine; an empty variable counts as absent. In the order of their numbers.
 */
export function keysFromEnvironment(provider: Provider, environment: Environment): KeySettings[] {
  const pattern = new RegExp(`^${provider.environment.key}(?:_(\\d+))?(_FILE)?$`)
  const found: { name: string; number: number; secret: Secret }[] = []
  for (const [variable, value] of Object.entries(environment)) {
    const match = pattern.exec(variable)
    if (match === null || value === undefined || value.trim() === '') continue
    const text = match[2] === undefined ? value : readSecretFile(value, variable)
    const name = variable.replace(/_FILE$/, '')
    found.push({ name, number: Number(match[1] ?? 0), secret: parseKey(text, variable) })
  }
  found.sort((left, right) => left.number - right.number)
  const twice = found.find((key, index) => found.findIndex((other) => other.name === key.name) !== index)
  if (twice !== undefined)
    throw new ConfigError(`${twice.name} and ${twice.name}_FILE are both set; keep one of them`)
  return found.map(({ name, secret }) => ({ name, secret }))
}

/** Variables that look as if they were meant to hold a key of this provider and are not read; `used` are read by other means. */
export function misnamedKeys(
  provider: Provider,
  environment: Environment,
  used: ReadonlySet<string>,
): string[] {
  const { key } = provider.environment
  const read = new RegExp(`^${key}(?:_\\d+)?(?:_FILE)?$`)
  return Object.entries(environment)
    .filter(([name, value]) => name.startsWith(key) && !read.test(name) && !used.has(name) && value?.trim())
    .map(([name]) => `${name} is not read; keys are taken from ${key}, ${key}_1, ${key}_2 and so on`)
}

/** A usable key. Throws ConfigError that names where it came from and never quotes it. */
export function parseKey(text: string, source: string): Secret {
  const value = text.trim()
  if (value === '') throw new ConfigError(`the key in ${source} is empty`)
  if (/^(["'`]).*\1$/.test(value))
    throw new ConfigError(`the key in ${source} stands in quotes; leave them out`)
  // A line copied out of a shell profile.
  if (/^(export\s+|set\s+)?[A-Z][A-Z0-9]*_[A-Z0-9_]*=[^=]/.test(value))
    throw new ConfigError(`the key in ${source} has its variable's name in front; give what follows the "="`)
  // A line break inside a key would end up in an HTTP header, and in the error text of whoever refuses it.
  if (!/^[\x21-\x7e]+$/.test(value)) {
    throw new ConfigError(
      `the key in ${source} holds spaces, line breaks or letters outside ASCII; paste it again as one line`,
    )
  }
  return new Secret(value)
}

export function readSecretFile(path: string, source: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new ConfigError(`${source} names the file ${path}, which cannot be read`, { cause: error })
  }
}

/** Keys as they may be used, and what was left out. Throws ConfigError for two different keys of one name. */
export function tidyKeys(
  provider: Provider,
  given: readonly KeySettings[],
): { readonly keys: KeySettings[]; readonly notes: readonly string[] } {
  const { keys, doubles } = withoutDoubles(given)
  const names = keys.map(({ name }) => name)
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined)
    throw new ConfigError(`two keys of ${provider.title} are named "${twice}"; give each its own name`)
  return { keys, notes: doubles }
}

/** The same secret under two names is one key: counting it twice would promise quota that is not there. */
function withoutDoubles(keys: readonly KeySettings[]): {
  readonly keys: KeySettings[]
  readonly doubles: readonly string[]
} {
  const seen = new Map<string, string>()
  const doubles: string[] = []
  const kept = keys.filter((key) => {
    const value = key.secret?.reveal() ?? ''
    const first = seen.get(value)
    if (first === key.name) doubles.push(`${first} is given twice; the first one counts`)
    else if (first !== undefined) doubles.push(`${key.name} holds the same key as ${first} and is left out`)
    else seen.set(value, key.name)
    return first === undefined
  })
  return { keys: kept, doubles }
}
