import { isRecord, readNumber, readStrings, type Json } from './json.ts'

const maxDepth = 12

function resolve(schema: Json, root: Json): Json {
  const reference = schema['$ref']
  if (typeof reference !== 'string' || !reference.startsWith('#/')) return schema
  let found: unknown = root
  for (const step of reference.slice(2).split('/')) found = isRecord(found) ? found[step] : undefined
  return isRecord(found) ? found : {}
}

function typeOf(schema: Json): string | undefined {
  const types = readStrings(schema['type'])
  return (
    types.find((type) => type !== 'null') ??
    types[0] ??
    (isRecord(schema['properties']) ? 'object' : undefined)
  )
}

/** The members asked for: the required ones, or all when the schema requires none. */
function exampleObject(schema: Json, root: Json, depth: number): Json {
  const properties = isRecord(schema['properties']) ? schema['properties'] : {}
  const required = readStrings(schema['required'])
  const example: Json = {}
  for (const name of required.length > 0 ? required : Object.keys(properties)) {
    const member = properties[name]
    example[name] = exampleOf(isRecord(member) ? member : {}, root, depth + 1)
  }
  return example
}

function exampleString(schema: Json): string {
  const text = 'example'.padEnd(readNumber(schema['minLength']) ?? 0, 'x')
  return text.slice(0, readNumber(schema['maxLength']) ?? text.length)
}

/** A small value that the JSON Schema accepts: "example", 1, true, and objects and lists of those. */
export function exampleOf(given: Json, root: Json = given, depth = 0): unknown {
  if (depth > maxDepth) return null
  const schema = resolve(given, root)
  if (schema['const'] !== undefined) return schema['const']
  if (Array.isArray(schema['enum'])) return schema['enum'][0]
  for (const combination of ['anyOf', 'oneOf', 'allOf']) {
    const first = Array.isArray(schema[combination]) ? (schema[combination] as unknown[])[0] : undefined
    if (isRecord(first)) return exampleOf(first, root, depth + 1)
  }
  switch (typeOf(schema)) {
    case 'object':
      return exampleObject(schema, root, depth)
    case 'array': {
      const length = Math.min(readNumber(schema['minItems']) ?? 1, 100)
      const item = isRecord(schema['items']) ? schema['items'] : {}
      return Array.from({ length }, () => exampleOf(item, root, depth + 1))
    }
    case 'number':
    case 'integer':
      return Math.min(
        Math.max(1, readNumber(schema['minimum']) ?? 1),
        readNumber(schema['maximum']) ?? Infinity,
      )
    case 'boolean':
      return true
    case 'null':
      return null
    default:
      return exampleString(schema)
  }
}
