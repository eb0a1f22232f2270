import type { Json, JsonObject } from '../../chat/types.ts'
import type { RequestProblem } from '../dialect.ts'
import { asObject, isList, type Loose } from '../lenient.ts'
import { checkFormat, checkToolChoice, checkTypes, notAnObject, wrong } from '../problems.ts'
import { checkInput } from './check-input.ts'

const booleans = ['stream', 'store', 'background', 'parallel_tool_calls']
const numbers = ['max_output_tokens', 'max_tool_calls', 'temperature', 'top_p', 'top_logprobs']

/** Unknown members are never a problem: the upstream may know them. */
export function check(body: Json): RequestProblem | undefined {
  const object = asObject(body)
  if (object === undefined) return notAnObject(body)
  return (
    checkTypes(object, ['model', 'instructions'], 'string') ??
    checkState(object) ??
    checkInput(object.input) ??
    checkTypes(object, booleans, 'boolean') ??
    checkTypes(object, numbers, 'number') ??
    checkTypes(object, ['reasoning', 'text', 'stream_options'], 'object') ??
    checkInclude(object.include) ??
    checkTools(object.tools, 'tools') ??
    checkToolChoice(object.tool_choice) ??
    checkFormat(asObject(object.text)?.format, 'text.format', 'schema')
  )
}

/** What needs a server that remembers. An answer that silently forgot the conversation would be a wrong one. */
function checkState(object: JsonObject): RequestProblem | undefined {
  for (const name of ['previous_response_id', 'conversation']) {
    if ((object[name] ?? undefined) === undefined) continue
    const advice = `this gateway keeps no responses; send the whole conversation in 'input' each time`
    return { message: `'${name}' must be left out: ${advice}`, param: name }
  }
  if (object.background !== true) return undefined
  const advice =
    'this gateway keeps no responses that could be fetched later; wait for the answer, or stream it'
  return { message: `'background' must be false: ${advice}`, param: 'background' }
}

function checkInclude(include: Loose): RequestProblem | undefined {
  if (include === undefined || include === null || isList(include)) return undefined
  return wrong('include', 'an array', include)
}

/** Hosted tools are the upstream's business. */
function checkTools(tools: Loose, path: string): RequestProblem | undefined {
  if (tools === undefined || tools === null) return undefined
  if (!isList(tools)) return wrong(path, 'an array', tools)
  for (const [index, value] of tools.entries()) {
    const tool = asObject(value)
    const at = `${path}[${index}]`
    if (tool === undefined) return wrong(at, 'an object', value)
    if (typeof tool.type !== 'string') return wrong(`${at}.type`, 'a string', tool.type)
    if (!named.includes(tool.type)) continue
    if (typeof tool.name !== 'string' || tool.name === '') return wrong(`${at}.name`, 'a name', tool.name)
    // Namespaces in namespaces are not read either, and a client decides how deep they go.
    if (tool.type !== 'namespace' || path !== 'tools') continue
    const problem = checkTools(tool.tools, `${at}.tools`)
    if (problem !== undefined) return problem
  }
  return undefined
}

const named = ['function', 'custom', 'namespace']
