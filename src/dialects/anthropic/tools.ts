import type { ChatRequest, JsonObject, Tool } from '../../chat/types.ts'
import { asBoolean, asList, asObject, asText, present, type Loose } from '../lenient.ts'
import { isCustom } from './check.ts'
import { writeName } from './names.ts'

/** The client's own tools. Those with a type of their own run at the service or are known to its models only. */
export function readTools(tools: Loose): readonly Tool[] {
  return asList(tools).flatMap((value) => {
    const tool = asObject(value)
    const name = asText(tool?.name)
    if (tool === undefined || name === undefined || !isCustom(tool)) return []
    const description = asText(tool.description)
    const strict = asBoolean(tool.strict)
    return [
      {
        name,
        ...(description === undefined ? {} : { description }),
        parameters: tool.input_schema ?? {},
        ...(strict === undefined ? {} : { strict }),
      },
    ]
  })
}

export function writeTools(tools: readonly Tool[]): readonly JsonObject[] | undefined {
  if (tools.length === 0) return undefined
  return tools.map(({ name, description, parameters, strict }) =>
    present({ name: writeName(name), description, input_schema: objectSchema(parameters), strict }),
  )
}

export function readToolChoice(choice: Loose): Pick<ChatRequest, 'toolChoice' | 'parallelTools'> {
  const object = asObject(choice)
  const toolChoice = readChoice(object)
  const single = asBoolean(object?.disable_parallel_tool_use)
  return {
    ...(toolChoice === undefined ? {} : { toolChoice }),
    ...(single === undefined ? {} : { parallelTools: !single }),
  }
}

function readChoice(choice: JsonObject | undefined): ChatRequest['toolChoice'] {
  switch (choice?.type) {
    case 'auto':
    case 'none':
      return choice.type
    case 'any':
      return 'required'
    case 'tool': {
      const name = asText(choice.name)
      return name === undefined ? undefined : { name }
    }
    default:
      return undefined
  }
}

/** The service refuses a choice without tools. */
export function writeToolChoice(request: ChatRequest): JsonObject | undefined {
  const { tools, toolChoice: choice, parallelTools } = request
  if (tools.length === 0) return undefined
  if (choice === 'none') return { type: 'none' }
  const single = parallelTools === false ? { disable_parallel_tool_use: true } : {}
  if (typeof choice === 'object') return { type: 'tool', name: writeName(choice.name), ...single }
  if (choice === 'required') return { type: 'any', ...single }
  return choice === undefined && parallelTools !== false ? undefined : { type: 'auto', ...single }
}

export function forcesTool({ tools, toolChoice }: ChatRequest): boolean {
  return tools.length > 0 && (toolChoice === 'required' || typeof toolChoice === 'object')
}

function objectSchema(parameters: Tool['parameters']): JsonObject {
  const schema = asObject(parameters) ?? {}
  if (Object.keys(schema).length === 0) return { type: 'object', properties: {} }
  return schema.type === 'object' ? schema : { ...schema, type: 'object' }
}
