import type { Json, JsonObject } from '../chat/types.ts'
import type { RequestProblem } from './dialect.ts'
import { asObject, asText, isList, type Loose } from './lenient.ts'

// Checks of what clients send. They run on every request: nothing is built until something is wrong.

/** `'stream' must be true or false; got "yes"`. */
export function wrong(param: string, wanted: string, got: Loose): RequestProblem {
  return { message: `'${param}' must be ${wanted}; got ${shown(got)}`, param }
}

export function notAnObject(body: Json): RequestProblem {
  return { message: `the request body must be a JSON object; got ${shown(body)}` }
}

const words = {
  string: 'a string',
  boolean: 'true or false',
  number: 'a number',
  object: 'an object',
} as const

/** Members that must be of one type where they are given; `null` counts as not given. */
export function checkTypes(
  object: JsonObject,
  names: readonly string[],
  type: keyof typeof words,
  path = '',
): RequestProblem | undefined {
  for (const name of names) {
    const value = object[name]
    if (value === undefined || value === null) continue
    if (type === 'number' ? Number.isFinite(value) : typeof value === type && !isList(value)) continue
    return wrong(path + name, words[type], value)
  }
  return undefined
}

export function checkStop(stop: Loose, param: string): RequestProblem | undefined {
  if (stop === undefined || stop === null || typeof stop === 'string') return undefined
  if (isList(stop) && stop.every((value) => typeof value === 'string')) return undefined
  return wrong(param, 'a string or an array of strings', stop)
}

/** Tools other than functions (`custom`, a service's own) are the upstream's business. */
export function checkTools(tools: Loose): RequestProblem | undefined {
  if (tools === undefined || tools === null) return undefined
  if (!isList(tools)) return wrong('tools', 'an array', tools)
  for (const [index, value] of tools.entries()) {
    const tool = asObject(value)
    if (tool === undefined) return wrong(`tools[${index}]`, 'an object', value)
    if (tool.type !== undefined && tool.type !== 'function') continue
    const problem = checkNamed(tool.function, () => `tools[${index}].function`)
    if (problem !== undefined) return problem
  }
  return undefined
}

export function checkToolChoice(choice: Loose): RequestProblem | undefined {
  if (choice === undefined || choice === null || typeof choice === 'string') return undefined
  return asObject(choice) === undefined ? wrong('tool_choice', 'a string or an object', choice) : undefined
}

/** A format as OpenAI's two wires ask for it, at `path`; each has the schema in a member of another name. */
export function checkFormat(value: Loose, path: string, schema: string): RequestProblem | undefined {
  if (value === undefined || value === null) return undefined
  const format = asObject(value)
  if (format === undefined) return wrong(path, 'an object', value)
  if (typeof format.type !== 'string') return wrong(`${path}.type`, 'a string', format.type)
  const described = format[schema]
  return format.type === 'json_schema' && asObject(described) === undefined
    ? wrong(`${path}.${schema}`, 'an object', described)
    : undefined
}

/** The calls of an assistant message in the history. */
export function checkToolCalls(calls: Loose, path: () => string): RequestProblem | undefined {
  if (calls === undefined || calls === null) return undefined
  if (!isList(calls)) return wrong(`${path()}.tool_calls`, 'an array', calls)
  for (const [index, value] of calls.entries()) {
    const call = asObject(value)
    if (call === undefined) return wrong(`${path()}.tool_calls[${index}]`, 'an object', value)
    if (call.type !== undefined && call.type !== 'function') continue
    const problem = checkNamed(call.function, () => `${path()}.tool_calls[${index}].function`)
    if (problem !== undefined) return problem
  }
  return undefined
}

/** Something is there, is a list, and holds objects with a role. */
export function checkMessages(
  messages: Loose,
  roles: readonly string[],
  check: (message: JsonObject, role: string, index: number) => RequestProblem | undefined,
): RequestProblem | undefined {
  if (!isList(messages)) return wrong('messages', 'an array of messages', messages)
  if (messages.length === 0) {
    return { message: `'messages' must hold at least one message; got an empty array`, param: 'messages' }
  }
  for (let index = 0; index < messages.length; index++) {
    const message = asObject(messages[index])
    if (message === undefined) return wrong(`messages[${index}]`, 'an object', messages[index])
    const role = asText(message.role)?.toLowerCase()
    if (role === undefined || !roles.includes(role)) {
      const named = roles.filter((name) => name !== 'function').map((name) => `"${name}"`)
      return wrong(`messages[${index}].role`, `one of ${named.join(', ')}`, message.role)
    }
    const problem = check(message, role, index)
    if (problem !== undefined) return problem
  }
  return undefined
}

function checkNamed(value: Loose, path: () => string): RequestProblem | undefined {
  const named = asObject(value)
  if (named === undefined) return wrong(path(), 'an object', value)
  if (typeof named.name !== 'string' || named.name === '')
    return wrong(`${path()}.name`, 'a name', named.name)
  return undefined
}

function shown(value: Loose): string {
  if (value === undefined) return 'nothing'
  if (isList(value)) return 'an array'
  if (typeof value === 'object' && value !== null) return 'an object'
  return typeof value === 'string' && value.length > 40
    ? `${JSON.stringify(value.slice(0, 40))}…`
    : JSON.stringify(value)
}
