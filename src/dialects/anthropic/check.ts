import type { Json, JsonObject } from '../../chat/types.ts'
import type { RequestProblem } from '../dialect.ts'
import { asObject, isList, type Loose } from '../lenient.ts'
import { checkMessages, checkTypes, notAnObject, wrong } from '../problems.ts'

const roles = ['user', 'assistant', 'system']

/** Unknown members, betas and types of blocks are never a problem: the upstream may know them. */
export function check(body: Json): RequestProblem | undefined {
  const object = asObject(body)
  if (object === undefined) return notAnObject(body)
  return checkMaxTokens(object.max_tokens) ?? checkRequest(object)
}

/** For requests to count tokens, which have everything but `max_tokens`. */
export function checkCount(body: Json): RequestProblem | undefined {
  const object = asObject(body)
  return object === undefined ? notAnObject(body) : checkRequest(object)
}

function checkRequest(object: JsonObject): RequestProblem | undefined {
  return (
    checkTypes(object, ['model'], 'string') ??
    checkMessages(object.messages, roles, checkMessage) ??
    checkSystem(object.system) ??
    checkTypes(object, ['stream'], 'boolean') ??
    checkTypes(object, ['temperature', 'top_p', 'top_k'], 'number') ??
    checkStops(object.stop_sequences) ??
    checkTools(object.tools) ??
    checkTypes(object, ['tool_choice', 'thinking', 'output_config', 'metadata'], 'object')
  )
}

function checkMaxTokens(value: Loose): RequestProblem | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value > 0
    ? undefined
    : wrong('max_tokens', 'a positive number', value)
}

function checkMessage(message: JsonObject, role: string, index: number): RequestProblem | undefined {
  const { content } = message
  const path = (): string => `messages[${index}].content`
  if (typeof content === 'string') return undefined
  if (isList(content)) return checkBlocks(content, path, true)
  // A system message may only change settings (beta in https://github.com/anthropics/anthropic-sdk-typescript).
  if (role === 'system' && (content === undefined || content === null)) return undefined
  return wrong(path(), 'a string or an array of blocks', content)
}

function checkSystem(system: Loose): RequestProblem | undefined {
  if (system === undefined || system === null || typeof system === 'string') return undefined
  if (!isList(system)) return wrong('system', 'a string or an array of text blocks', system)
  return checkBlocks(system, () => 'system', false)
}

/** Results are looked into one level deep: nothing is nested in what a tool gave back. */
function checkBlocks(
  blocks: readonly Json[],
  path: () => string,
  results: boolean,
): RequestProblem | undefined {
  for (let position = 0; position < blocks.length; position++) {
    const block = asObject(blocks[position])
    const at = (): string => `${path()}[${position}]`
    if (block === undefined) return wrong(at(), 'an object', blocks[position])
    const problem = checkBlock(block, at, results)
    if (problem !== undefined) return problem
  }
  return undefined
}

function checkBlock(block: JsonObject, at: () => string, results: boolean): RequestProblem | undefined {
  switch (block.type) {
    case 'text':
      return typeof block.text === 'string' ? undefined : wrong(`${at()}.text`, 'a string', block.text)
    case 'image':
    case 'document':
      return asObject(block.source) === undefined
        ? wrong(`${at()}.source`, 'an object', block.source)
        : undefined
    case 'tool_use':
      return checkName(block.id, () => `${at()}.id`) ?? checkName(block.name, () => `${at()}.name`)
    case 'tool_result':
      return (
        checkName(block.tool_use_id, () => `${at()}.tool_use_id`) ??
        (results ? checkResult(block.content, () => `${at()}.content`) : undefined)
      )
    default:
      return typeof block.type === 'string' ? undefined : wrong(`${at()}.type`, 'a string', block.type)
  }
}

function checkResult(content: Loose, path: () => string): RequestProblem | undefined {
  if (content === undefined || content === null || typeof content === 'string') return undefined
  return isList(content)
    ? checkBlocks(content, path, false)
    : wrong(path(), 'a string or an array of blocks', content)
}

function checkStops(stops: Loose): RequestProblem | undefined {
  if (stops === undefined || stops === null) return undefined
  if (isList(stops) && stops.every((stop) => typeof stop === 'string')) return undefined
  return wrong('stop_sequences', 'an array of strings', stops)
}

/** Tools with a type of their own (the service's, or known to the model) are the upstream's business. */
function checkTools(tools: Loose): RequestProblem | undefined {
  if (tools === undefined || tools === null) return undefined
  if (!isList(tools)) return wrong('tools', 'an array', tools)
  for (const [index, value] of tools.entries()) {
    const tool = asObject(value)
    if (tool === undefined) return wrong(`tools[${index}]`, 'an object', value)
    if (!isCustom(tool)) continue
    const problem =
      checkName(tool.name, () => `tools[${index}].name`) ??
      checkTypes(tool, ['input_schema'], 'object', `tools[${index}].`)
    if (problem !== undefined) return problem
  }
  return undefined
}

/** Whether a tool is the client's own, described by a schema. */
export function isCustom(tool: JsonObject): boolean {
  return tool.type === undefined || tool.type === null || tool.type === 'custom'
}

function checkName(value: Loose, path: () => string): RequestProblem | undefined {
  return typeof value === 'string' && value !== '' ? undefined : wrong(path(), 'a text', value)
}
