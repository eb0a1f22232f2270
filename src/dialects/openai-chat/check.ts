import type { Json, JsonObject } from '../../chat/types.ts'
import type { RequestProblem } from '../dialect.ts'
import { asObject, isList, type Loose } from '../lenient.ts'
import {
  checkFormat,
  checkMessages,
  checkStop,
  checkToolCalls,
  checkToolChoice,
  checkTools,
  checkTypes,
  notAnObject,
  wrong,
} from '../problems.ts'

const roles = ['system', 'developer', 'user', 'assistant', 'tool', 'function']
const numbers = [
  'temperature',
  'top_p',
  'max_tokens',
  'max_completion_tokens',
  'seed',
  'n',
  'frequency_penalty',
  'presence_penalty',
  'top_logprobs',
  'top_k',
  'min_p',
  'repetition_penalty',
]

/** Unknown members are never a problem: the upstream may know them. */
export function check(body: Json): RequestProblem | undefined {
  const object = asObject(body)
  if (object === undefined) return notAnObject(body)
  return (
    checkTypes(object, ['model'], 'string') ??
    checkMessages(object.messages, roles, checkMessage) ??
    checkTypes(object, ['stream'], 'boolean') ??
    checkTypes(object, ['stream_options'], 'object') ??
    checkTypes(object, numbers, 'number') ??
    checkStop(object.stop, 'stop') ??
    checkTools(object.tools) ??
    checkToolChoice(object.tool_choice) ??
    checkFormat(object.response_format, 'response_format', 'json_schema')
  )
}

function checkMessage(message: JsonObject, role: string, index: number): RequestProblem | undefined {
  const mayBeEmpty = role === 'assistant' || role === 'function'
  return (
    checkContent(message.content, mayBeEmpty, index) ??
    (role === 'assistant' ? checkToolCalls(message.tool_calls, () => `messages[${index}]`) : undefined)
  )
}

function checkContent(content: Loose, mayBeEmpty: boolean, index: number): RequestProblem | undefined {
  if (typeof content === 'string') return undefined
  if (content === undefined || content === null) {
    if (mayBeEmpty) return undefined
  } else if (isList(content)) {
    return checkParts(content, index)
  }
  return wrong(`messages[${index}].content`, 'a string or an array of parts', content)
}

function checkParts(parts: readonly Json[], index: number): RequestProblem | undefined {
  for (let position = 0; position < parts.length; position++) {
    const part = asObject(parts[position])
    const path = (): string => `messages[${index}].content[${position}]`
    if (part === undefined) return wrong(path(), 'an object', parts[position])
    if (typeof part.type !== 'string') return wrong(`${path()}.type`, 'a string', part.type)
    if (part.type === 'text' && typeof part.text !== 'string') {
      return wrong(`${path()}.text`, 'a string', part.text)
    }
    // Some clients send the address itself where the reference has an object with `url`.
    if (part.type === 'image_url' && typeof part.image_url !== 'string') {
      const url = asObject(part.image_url)?.url
      if (typeof url !== 'string') return wrong(`${path()}.image_url.url`, 'a string', url)
    }
  }
  return undefined
}
