import { existsSync, readFileSync } from 'node:fs'
import { distance } from 'fastest-levenshtein'
import { type Document, isNode, LineCounter, parseDocument } from 'yaml'
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
  const result = fileSchema.safeParse(document.toJS() ?? {})
  if (result.success) return result.data
  const problems = result.error.issues.flatMap((issue) => describe(issue, document, lines))
  throw new ConfigError(problems.map(({ line, text: problem }) => `${source}:${line}: ${problem}`).join('\n'))
}

function describe(
  issue: z.core.$ZodIssue,
  document: Document,
  lines: LineCounter,
): { line: number; text: string }[] {
  const path = issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part))
  if (issue.code !== 'unrecognized_keys') {
    const name = path.length === 0 ? 'the file' : `"${path.join('.')}"`
    return [{ line: lineOf(document, lines, path), text: `${name}: ${issue.message}` }]
  }
  const known = knownKeys(path)
  return issue.keys.map((key) => {
    const near = known.filter((name) => distance(key.toLowerCase(), name.toLowerCase()) <= 3)
    const hint = near.length > 0 ? `did you mean "${near[0]}"?` : `known: ${known.join(', ')}`
    return {
      line: lineOf(document, lines, [...path, key]),
      text: `unknown setting "${[...path, key].join('.')}"; ${hint}`,
    }
  })
}

function lineOf(document: Document, lines: LineCounter, path: readonly (string | number)[]): number {
  for (let depth = path.length; depth > 0; depth--) {
    const node = document.getIn(path.slice(0, depth), true)
    if (isNode(node) && node.range != null) return lines.linePos(node.range[0]).line
  }
  return 1
}

/** The settings that may stand where the unknown one does. */
function knownKeys(path: readonly (string | number)[]): string[] {
  let schema: unknown = fileSchema
  for (const part of path) {
    schema = unwrapped(schema)
    if (isShaped(schema) && typeof part === 'string') schema = schema.shape[part]
    else if (typeof schema === 'object' && schema !== null && 'element' in schema) schema = schema.element
  }
  schema = unwrapped(schema)
  return isShaped(schema) ? Object.keys(schema.shape) : []
}

function unwrapped(schema: unknown): unknown {
  const optional = schema as { unwrap?: () => unknown; def?: { type?: string } } | undefined
  return optional?.def?.type === 'optional' ? optional.unwrap?.() : schema
}

function isShaped(schema: unknown): schema is { shape: Record<string, unknown> } {
  return typeof schema === 'object' && schema !== null && 'shape' in schema
}
