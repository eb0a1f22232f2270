import type { Json, JsonObject } from '../../chat/types.ts'
import type { RequestProblem } from '../dialect.ts'
import { asObject, isList, type Loose } from '../lenient.ts'
import {
  checkMessages,
  checkStop,
  checkToolCalls,
  checkTools,
  checkTypes,
  notAnObject,
  wrong,
} from '../problems.ts'

const roles = ['system', 'user', 'assistant', 'tool']
const numbers = [
  'temperature',
  'top_p',
  'top_k',
  'min_p',
  'seed',
  'num_predict',
  'repeat_penalty',
  'presence_penalty',
  'frequency_penalty',
]

/** Unknown members and options are never a problem. */
export function check(body: Json): RequestProblem | undefined {
  const object = asObject(body)
  if (object === undefined) return notAnObject(body)
  return (
    checkTypes(object, ['model'], 'string') ??
    checkMessages(object.messages, roles, checkMessage) ??
    checkTools(object.tools) ??
    checkControls(object)
  )
}

/** What every path that answers with text takes. */
export function checkControls(object: JsonObject): RequestProblem | undefined {
  return (
    checkTypes(object, ['stream'], 'boolean') ??
    checkTypes(object, ['options'], 'object') ??
    checkOptions(asObject(object.options)) ??
    checkFormat(object.format) ??
    checkThink(object.think)
  )
}

export function checkImages(images: Loose, path: () => string): RequestProblem | undefined {
  if (images === undefined || images === null) return undefined
  if (isList(images) && images.every((image) => typeof image === 'string')) return undefined
  return wrong(path(), 'an array of base64 strings', images)
}

function checkMessage(message: JsonObject, role: string, index: number): RequestProblem | undefined {
  const { content, images } = message
  if (content !== undefined && content !== null && typeof content !== 'string') {
    return wrong(`messages[${index}].content`, 'a string', content)
  }
  return (
    checkImages(images, () => `messages[${index}].images`) ??
    (role === 'assistant' ? checkToolCalls(message.tool_calls, () => `messages[${index}]`) : undefined)
  )
}

function checkOptions(options: JsonObject | undefined): RequestProblem | undefined {
  if (options === undefined) return undefined
  return checkTypes(options, numbers, 'number', 'options.') ?? checkStop(options.stop, 'options.stop')
}

function checkFormat(format: Loose): RequestProblem | undefined {
  if (format === undefined || format === null || typeof format === 'string') return undefined
  return asObject(format) === undefined ? wrong('format', '"json" or a JSON Schema', format) : undefined
}

function checkThink(think: Loose): RequestProblem | undefined {
  if (think === undefined || think === null || typeof think === 'boolean') return undefined
  return typeof think === 'string' ? undefined : wrong('think', 'true, false or a level', think)
}
