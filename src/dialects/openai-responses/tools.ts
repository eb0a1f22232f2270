import { hash } from 'node:crypto'
import type { ChatRequest, Json, JsonObject, Tool } from '../../chat/types.ts'
import { asBoolean, asList, asObject, asText, parseJson, present, type Loose } from '../lenient.ts'

/** How this wire names a tool that other dialects know as a function under a flat name. */
export interface Origin {
  readonly name: string
  readonly namespace?: string
  /** Takes one free text instead of JSON arguments. */
  readonly custom: boolean
}

/**
 * The tools of a request, as functions with flat names, and the way back. Clients refuse a call whose `namespace` and
 * `name` do not come back as they were given (https://github.com/openai/codex/issues/26234).
 */
export interface Toolbox {
  readonly tools: readonly Tool[]
  flatName(name: string, namespace: string | undefined): string
  /** Undefined for a plain function. */
  originOf(flatName: string): Origin | undefined
}

export function openToolbox(tools: Loose): Toolbox {
  const given = asList(tools).flatMap(inNamespaces)
  const taken = new Set(
    given.flatMap(({ tool, namespace }) => (namespace === undefined ? [nameOf(tool)] : [])),
  )
  const flatNames = new Map<string, string>()
  const origins = new Map<string, Origin>()
  const read: Tool[] = []
  for (const { tool, namespace } of given) {
    const name = nameOf(tool)
    const custom = tool.type === 'custom'
    if (name === undefined || (tool.type !== 'function' && !custom)) continue
    const flat = namespace === undefined ? name : freeName(namespace, name, taken)
    if (namespace !== undefined) {
      taken.add(flat)
      flatNames.set(keyOf(name, namespace), flat)
    }
    if (custom || namespace !== undefined)
      origins.set(flat, { name, ...(namespace === undefined ? {} : { namespace }), custom })
    read.push(custom ? readCustom(tool, flat) : readFunction(tool, flat))
  }
  return {
    tools: read,
    flatName(name, namespace) {
      if (namespace === undefined || namespace === '') return name
      return flatNames.get(keyOf(name, namespace)) ?? flatNameOf(namespace, name)
    },
    originOf: (flatName) => origins.get(flatName),
  }
}

/** The name of a namespaced tool where no request tells otherwise. */
export function flatNameOf(namespace: string, name: string): string {
  const flat = `${namespace}__${name}`
  return legal.test(flat) ? flat : shortName(namespace, name)
}

// What OpenAI and most others take for a function's name.
const legal = /^[\w-]{1,64}$/

function freeName(namespace: string, name: string, taken: ReadonlySet<string | undefined>): string {
  const flat = flatNameOf(namespace, name)
  return taken.has(flat) ? shortName(namespace, name) : flat
}

function shortName(namespace: string, name: string): string {
  const start = `${namespace}__${name}`.replaceAll(/[^\w-]/g, '_').slice(0, 55)
  return `${start}_${hash('sha256', keyOf(name, namespace)).slice(0, 8)}`
}

function keyOf(name: string, namespace: string): string {
  return JSON.stringify([namespace, name])
}

interface Given {
  readonly tool: JsonObject
  readonly namespace?: string
}

/** Every tool with the namespace it stands in. Hosted tools are among them: they run where the model does. */
export function inNamespaces(value: Json): Given[] {
  const tool = asObject(value)
  if (tool === undefined) return []
  const namespace = asText(tool.name)
  if (tool.type !== 'namespace' || namespace === undefined) return [{ tool }]
  return asList(tool.tools).flatMap((inner) => {
    const one = asObject(inner)
    return one === undefined ? [] : [{ tool: one, namespace }]
  })
}

function nameOf(tool: JsonObject): string | undefined {
  return asText(tool.name)
}

function readFunction(tool: JsonObject, name: string): Tool {
  const description = asText(tool.description)
  const strict = asBoolean(tool.strict)
  return {
    name,
    ...(description === undefined ? {} : { description }),
    parameters: tool.parameters ?? {},
    ...(strict === undefined ? {} : { strict }),
  }
}

// A grammar cannot be enforced elsewhere, but a model that reads it mostly keeps to it.
function readCustom(tool: JsonObject, name: string): Tool {
  const description = asText(tool.description)
  const definition = asText(asObject(tool.format)?.definition)
  const input =
    definition === undefined
      ? 'The whole input of the tool, as free text.'
      : `The whole input of the tool, as text that matches this grammar:\n${definition}`
  return {
    name,
    ...(description === undefined ? {} : { description }),
    parameters: {
      type: 'object',
      properties: { input: { type: 'string', description: input } },
      required: ['input'],
      additionalProperties: false,
    },
  }
}

/** The arguments with which a custom tool is called as a function. */
export function wrapInput(input: string): string {
  return JSON.stringify({ input })
}

/** The free text in such arguments; arguments of another form are handed on as they are. */
export function unwrapInput(args: string): string {
  return asText(asObject(parseJson(args))?.input) ?? args
}

/** Left out, `strict` means yes on this wire (https://platform.openai.com/docs/guides/function-calling), and no elsewhere. */
export function writeTool(tool: Tool): JsonObject {
  return present({
    type: 'function',
    name: tool.name,
    description: tool.description,
    parameters: tool.parameters,
    strict: tool.strict ?? false,
  })
}

export function readToolChoice(choice: Loose, toolbox: Toolbox): ChatRequest['toolChoice'] {
  if (choice === 'auto' || choice === 'none' || choice === 'required') return choice
  const object = asObject(choice)
  if (object?.type === 'allowed_tools') return object.mode === 'required' ? 'required' : 'auto'
  const name = asText(object?.name)
  if (name === undefined || (object?.type !== 'function' && object?.type !== 'custom')) return undefined
  return { name: toolbox.flatName(name, asText(object.namespace)) }
}
