import type { ChatResult } from '../chat/fold.ts'
import type { ChatRequest, Json } from '../chat/types.ts'
import { emulated, type Loss } from '../dialects/dialect.ts'
import { violations } from './violations.ts'

/** An answer held against what its request asked for. */
export interface Conformity {
  /** The answer with what can be mended mended: a code fence taken off, calls beyond the first left out. */
  readonly result: ChatResult
  /** What is wrong with it, in words for the model; undefined: nothing. */
  readonly problem?: string
}

const mostProblems = 3
const mostShown = 300

/** Looks at what `asked` names, the losses of a request that were put into words for the upstream. */
export function conform(request: ChatRequest, answer: ChatResult, asked: readonly Loss[]): Conformity {
  const oneCall = asked.includes(emulated.oneCall) && answer.toolCalls.length > 1
  const result = oneCall ? { ...answer, toolCalls: answer.toolCalls.slice(0, 1) } : answer
  if (asked.includes(emulated.toolChoice)) {
    const problem = missingCall(request, result)
    if (problem !== undefined) return { result, problem }
  }
  // An answer that was cut cannot be mended by asking again for the same length.
  const text = asked.includes(emulated.format) && result.finish !== 'length' && result.toolCalls.length === 0
  return text ? conformText(request, result) : { result }
}

function missingCall({ toolChoice }: ChatRequest, { toolCalls }: ChatResult): string | undefined {
  if (typeof toolChoice === 'object' && !toolCalls.some(({ name }) => name === toolChoice.name))
    return `Call the tool "${toolChoice.name}". Do not answer in text.`
  if (toolChoice === 'required' && toolCalls.length === 0)
    return 'Call at least one of the given tools. Do not answer in text.'
  return undefined
}

const fence = /^\s*```[\w-]*[ \t]*\r?\n([\s\S]*?)\r?\n?```\s*$/

function conformText({ format }: ChatRequest, result: ChatResult): Conformity {
  const text = (fence.exec(result.text)?.[1] ?? result.text).trim()
  const mended = { ...result, text }
  const schema = format?.schema
  let value: Json
  try {
    value = JSON.parse(text) as Json
  } catch {
    return { result, problem: 'The answer is not JSON. Answer with the JSON value alone and nothing else.' }
  }
  const problems = schema === undefined ? notAnObject(value) : violations(schema, value)
  if (problems.length === 0) return { result: mended }
  const shown = problems.slice(0, mostProblems).join('; ').slice(0, mostShown)
  return { result: mended, problem: `The answer does not match: ${shown}. Answer with corrected JSON alone.` }
}

function notAnObject(value: Json): readonly string[] {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
  return isObject ? [] : ['it is not a JSON object']
}
