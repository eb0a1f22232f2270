import type { Json, JsonObject } from '../../chat/types.ts'
import type { RequestProblem } from '../dialect.ts'
import { asObject, asText, isList, type Loose } from '../lenient.ts'
import { wrong } from '../problems.ts'
import { typeOf } from './read-items.ts'

const roles = ['user', 'assistant', 'system', 'developer']

/** Items and parts of unknown types are never a problem: the upstream may know them. */
export function checkInput(input: Loose): RequestProblem | undefined {
  if (typeof input === 'string') return undefined
  if (!isList(input)) return wrong('input', 'a string or an array of items', input)
  if (input.length === 0)
    return { message: `'input' must hold at least one item; got an empty array`, param: 'input' }
  for (let index = 0; index < input.length; index++) {
    const item = asObject(input[index])
    const path = `input[${index}]`
    if (item === undefined) return wrong(path, 'an object', input[index])
    const problem = checkItem(item, path)
    if (problem !== undefined) return problem
  }
  return undefined
}

function checkItem(item: JsonObject, path: string): RequestProblem | undefined {
  if (item.type !== undefined && item.type !== null && typeof item.type !== 'string')
    return wrong(`${path}.type`, 'a string', item.type)
  switch (typeOf(item)) {
    case undefined:
      return wrong(`${path}.role`, roleWords, item.role)
    case 'message':
      return checkMessage(item, path)
    case 'function_call':
      return checkTexts(item, ['call_id', 'name', 'arguments'], path)
    case 'custom_tool_call':
      return checkTexts(item, ['call_id', 'name', 'input'], path)
    case 'function_call_output':
    case 'custom_tool_call_output':
      return (
        checkTexts(item, ['call_id'], path) ??
        checkContent(item.output, `${path}.output`, 'a string or an array of parts')
      )
    case 'reasoning':
      return checkReasoning(item, path)
    default:
      return undefined
  }
}

const roleWords = `one of ${roles.map((role) => `"${role}"`).join(', ')}`

function checkMessage(item: JsonObject, path: string): RequestProblem | undefined {
  const role = asText(item.role)
  if (role === undefined || !roles.includes(role)) return wrong(`${path}.role`, roleWords, item.role)
  const { content } = item
  // An assistant that only called tools said nothing.
  if ((content === undefined || content === null) && role === 'assistant') return undefined
  return checkContent(content, `${path}.content`, 'a string or an array of parts')
}

function checkContent(content: Loose, path: string, wanted: string): RequestProblem | undefined {
  if (typeof content === 'string') return undefined
  if (!isList(content)) return wrong(path, wanted, content)
  for (let position = 0; position < content.length; position++) {
    const problem = checkPart(content[position] ?? null, `${path}[${position}]`)
    if (problem !== undefined) return problem
  }
  return undefined
}

function checkPart(value: Json, path: string): RequestProblem | undefined {
  const part = asObject(value)
  if (part === undefined) return wrong(path, 'an object', value)
  switch (part.type) {
    case 'input_text':
    case 'output_text':
      return checkTexts(part, ['text'], path)
    case 'refusal':
      return checkTexts(part, ['refusal'], path)
    case 'input_image':
      return typeof part.file_id === 'string' ? undefined : checkTexts(part, ['image_url'], path)
    default:
      return typeof part.type === 'string' ? undefined : wrong(`${path}.type`, 'a string', part.type)
  }
}

function checkReasoning(item: JsonObject, path: string): RequestProblem | undefined {
  for (const name of ['summary', 'content']) {
    const value = item[name] ?? undefined
    if (value !== undefined && !isList(value)) return wrong(`${path}.${name}`, 'an array', value)
  }
  const sealed = item.encrypted_content ?? undefined
  if (sealed === undefined || typeof sealed === 'string') return undefined
  return wrong(`${path}.encrypted_content`, 'a string', sealed)
}

function checkTexts(object: JsonObject, names: readonly string[], path: string): RequestProblem | undefined {
  const name = names.find((one) => typeof object[one] !== 'string')
  return name === undefined ? undefined : wrong(`${path}.${name}`, 'a string', object[name])
}
