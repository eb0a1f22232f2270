import { existsSync, readFileSync } from 'node:fs'
import { distance } from 'fastest-levenshtein'
import { type Document, isMap, isNode, isScalar, isSeq, LineCounter, parseDocument } from 'yaml'
import type { z } from 'zod'
import { ConfigError } from '../errors.ts'
import { type FileConfig, fileSchema } from './schema.ts'

/** Undefined when there is no such file. Throws ConfigError with every mistake, each with its line. */
export function readConfigFile(path: string): FileConfig | undefined {
  if (!existsSync(path)) return undefined
  try {
    return parseConfig(readFileSync(path, 'utf8'), path)
  } catch (error) {
    if (error instanceof ConfigError) throw error
    throw new ConfigError(`the config file ${path} cannot be read`, { cause: error })
  }
}

/** Runs `read`; a mistake that it finds is told with the file and the line of the setting it is about. */
export function atLine<T>(file: string, path: readonly (string | number)[], read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    const lines = new LineCounter()
    const line = lineOf(parseDocument(readFileSync(file, 'utf8'), { lineCounter: lines }), lines, path)
    throw new ConfigError(`${file}:${line}: ${error.message}`, { cause: error })
  }
}

/** `source` stands in the error texts. */
export function parseConfig(text: string, source: string): FileConfig {
  const lines = new LineCounter()
  // `uniqueKeys`: the second of two equal names would win in silence.
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true })
  if (document.errors.length > 0) {
    const [first] = document.errors
    const line = first === undefined ? 1 : lines.linePos(first.pos[0]).line
    throw new ConfigError(`${source}:${line}: ${first?.message.split('\n')[0] ?? 'not valid YAML'}`)
  }
  const result = fileSchema.safeParse(valuesOf(document, source))
  if (result.success) return result.data
  const problems = result.error.issues.flatMap((issue) => describe(issue, document, lines))
  throw new ConfigError(problems.map(({ line, text: problem }) => `${source}:${line}: ${problem}`).join('\n'))
}

function valuesOf(document: Document, source: string): unknown {
  try {
    return document.toJS() ?? {}
  } catch (error) {
    // The parser's own words would quote the text, which may be half a key.
    throw new ConfigError(
      `${source}: there is a "*" that refers to nothing; put text that begins with "*" into quotes`,
      { cause: error },
    )
  }
}

function describe(
  issue: z.core.$ZodIssue,
  document: Document,
  lines: LineCounter,
): { line: number; text: string }[] {
  const path = issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part))
  const [section, provider, member] = path
  if (section === 'providers' && member === 'compatible' && issue.code === 'invalid_type') {
    const near = nearest(String(provider), knownKeys(['providers'], document))
    const hint = near === undefined ? 'a' : `did you mean "${near}"? A`
    const text = `"${String(provider)}" is not built in; ${hint} service of your own needs "compatible: <its address>"`
    return [{ line: lineOf(document, lines, path.slice(0, 2)), text }]
  }
  if (issue.code !== 'unrecognized_keys') {
    const name = path.length === 0 ? 'the file' : `"${path.join('.')}"`
    return [{ line: lineOf(document, lines, path), text: `${name}: ${issue.message}` }]
  }
  const known = knownKeys(path, document)
  return issue.keys.map((key) => {
    const near = nearest(key, known)
    const hint = near === undefined ? `known: ${known.join(', ')}` : `did you mean "${near}"?`
    return {
      line: lineOf(document, lines, [...path, key]),
      text: `unknown setting "${[...path, key].join('.')}"; ${hint}`,
    }
  })
}

function nearest(written: string, known: readonly string[]): string | undefined {
  return known
    .map((name) => ({ name, apart: distance(written.toLowerCase(), name.toLowerCase()) }))
    .filter(({ apart }) => apart <= 3)
    .toSorted((left, right) => left.apart - right.apart)[0]?.name
}

/** The line of a setting's name, or of the deepest part of its path that is there. */
function lineOf(document: Document, lines: LineCounter, path: readonly (string | number)[]): number {
  let node: unknown = document.contents
  let offset: number | undefined
  for (const part of path) {
    const pair = isMap(node)
      ? node.items.find(({ key }) => isScalar(key) && String(key.value) === String(part))
      : undefined
    node = isSeq(node) ? node.items[Number(part)] : pair?.value
    const named = pair?.key ?? node
    if (isNode(named) && named.range != null) offset = named.range[0]
  }
  return offset === undefined ? 1 : lines.linePos(offset).line
}

/** The settings that may stand where the unknown one does. */
function knownKeys(path: readonly (string | number)[], document: Document): string[] {
  let schema: unknown = fileSchema
  for (const [index, part] of path.entries()) {
    schema = chosen(unwrapped(schema), document.getIn([...path.slice(0, index), 'type']))
    if (isShaped(schema) && typeof part === 'string') schema = schema.shape[part]
    else if (typeof schema === 'object' && schema !== null && 'element' in schema) schema = schema.element
  }
  schema = chosen(unwrapped(schema), document.getIn([...path, 'type']))
  return isShaped(schema) ? Object.keys(schema.shape) : []
}

function unwrapped(schema: unknown): unknown {
  const optional = schema as { unwrap?: () => unknown; def?: { type?: string } } | undefined
  return optional?.def?.type === 'optional' ? optional.unwrap?.() : schema
}

/** Of several shapes the one that the entry's own `type` names. */
function chosen(schema: unknown, type: unknown): unknown {
  const { options } = (schema ?? {}) as { options?: unknown }
  if (!Array.isArray(options)) return schema
  return options.find((option) => {
    const named: unknown = isShaped(option) ? option.shape['type'] : undefined
    return (named as { value?: unknown } | undefined)?.value === type
  })
}

function isShaped(schema: unknown): schema is { shape: Record<string, unknown> } {
  return typeof schema === 'object' && schema !== null && 'shape' in schema
}
