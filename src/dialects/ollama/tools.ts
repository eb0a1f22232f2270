import type { ChatRequest, Json, JsonObject, Tool } from '../../chat/types.ts'
import { RequestError } from '../../errors.ts'
import { emulated, type Loss } from '../dialect.ts'
import { writeTool } from '../function-tools.ts'
import { asObject } from '../lenient.ts'

/** This wire has no `tool_choice`: what can be said by leaving tools out is, the rest is asked for in words. */
export function writeTools(
  request: ChatRequest,
  lost: Loss[],
): { readonly tools: readonly JsonObject[] | undefined; readonly instruction: string | undefined } {
  const { toolChoice: choice } = request
  if (request.parallelTools === false && request.tools.length > 0) lost.push(emulated.oneCall)
  const tools = typeof choice === 'object' ? [named(request, choice.name)] : request.tools
  if (tools.length === 0 || choice === 'none') return { tools: undefined, instruction: undefined }
  return {
    tools: tools.map((tool) => writeTool(tool, objectSchema(tool.parameters), undefined)),
    instruction: instruct(choice, lost),
  }
}

function instruct(choice: ChatRequest['toolChoice'], lost: Loss[]): string | undefined {
  if (choice === undefined || choice === 'auto' || choice === 'none') return undefined
  lost.push(emulated.toolChoice)
  return choice === 'required'
    ? 'Answer by calling at least one of the given tools. Do not answer in text.'
    : `Answer by calling the tool "${choice.name}". Do not answer in text.`
}

function named(request: ChatRequest, name: string): Tool {
  const tool = request.tools.find((one) => one.name === name)
  if (tool !== undefined) return tool
  throw new RequestError(
    'invalid_request',
    `'tool_choice' names "${name}", which is not among 'tools'`,
    'tool_choice',
  )
}

/** Ollama's server decodes parameters into a struct that must have both members. */
function objectSchema(parameters: Json): JsonObject {
  const schema = asObject(parameters) ?? {}
  return { ...schema, type: 'object', properties: asObject(schema.properties) ?? {} }
}
