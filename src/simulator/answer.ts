import type { Json } from './json.ts'
import { exampleOf } from './schema-example.ts'

export interface ToolOffer {
  readonly name: string
  /** The group a Responses client put it in; its call says so again. */
  readonly namespace?: string
  readonly parameters: Json
}

/** What a request asks, whichever API it came through. */
export interface Question {
  /** Characters of the whole prompt. */
  readonly promptChars: number
  readonly lastUserText: string
  /** The text of the tool result the conversation ends with. */
  readonly toolResult: string | undefined
  readonly tools: readonly ToolOffer[]
  /** `auto` calls a tool the user names; a name or `required` calls without being named. */
  readonly toolChoice: 'auto' | 'none' | 'required' | { readonly name: string }
  readonly oneToolCall: boolean
  /** Bytes of each image; an image given by address has none. */
  readonly imageBytes: readonly number[]
  /** The JSON Schema the answer must fit. */
  readonly schema: Json | undefined
  readonly wantsReasoning: boolean
  readonly maxTokens: number | undefined
  readonly stop: readonly string[]
}

export interface ToolCall {
  readonly name: string
  readonly namespace?: string
  readonly arguments: unknown
}

/** What the model says. */
export interface Answer {
  /** Null only in a scripted empty answer. */
  readonly text: string | null
  readonly reasoning: string
  readonly toolCalls: readonly ToolCall[]
  readonly finish: 'stop' | 'length' | 'tool_calls'
  /** The stop sequence that ended the text. */
  readonly stoppedBy: string | null
  readonly promptTokens: number
  readonly reasoningTokens: number
  /** Reasoning included. */
  readonly outputTokens: number
}

const maxWords = 200_000
const asksForAnyTool = /\bone of the (given |available )?tools\b/

/** One token is four characters, rounded up. */
export function tokensOf(chars: number): number {
  return Math.ceil(chars / 4)
}

function chooseTools(question: Question): readonly ToolCall[] {
  const { tools, toolChoice, lastUserText } = question
  if (toolChoice === 'none' || question.toolResult !== undefined) return []
  const said = lastUserText.toLowerCase()
  let chosen = tools.filter((tool) => said.includes(tool.name.toLowerCase()))
  if (typeof toolChoice === 'object') chosen = tools.filter((tool) => tool.name === toolChoice.name)
  else if (chosen.length === 0 && (toolChoice === 'required' || asksForAnyTool.test(said)))
    chosen = tools.slice(0, 1)
  return (question.oneToolCall ? chosen.slice(0, 1) : chosen).map(({ parameters, ...called }) => ({
    ...called,
    arguments: exampleOf(parameters),
  }))
}

function describeImages(bytes: readonly number[]): string {
  const sizes = bytes.map((size) => (size > 0 ? `${size} bytes` : 'given by address')).join(', ')
  return `I see ${bytes.length} ${bytes.length === 1 ? 'image' : 'images'} (${sizes}). `
}

function say(question: Question): string {
  if (question.schema !== undefined) return JSON.stringify(exampleOf(question.schema))
  if (question.toolResult !== undefined) return `The tool answered: ${question.toolResult}`
  const wanted = /repeat (\d{1,7}) words/i.exec(question.lastUserText)?.[1]
  if (wanted !== undefined) {
    const count = Math.min(Number(wanted), maxWords)
    return Array.from({ length: count }, (_, index) => `word${index + 1}`).join(' ')
  }
  const images = question.imageBytes.length > 0 ? describeImages(question.imageBytes) : ''
  return `${images}You said: ${question.lastUserText}`
}

/** The text up to the stop sequence that comes first in it. */
function cutAtStop(
  text: string,
  stops: readonly string[],
): { readonly text: string; readonly by: string | null } {
  let end = text.length
  let by: string | null = null
  for (const stop of stops) {
    const found = stop === '' ? -1 : text.indexOf(stop)
    if (found === -1 || found >= end) continue
    end = found
    by = stop
  }
  return { text: text.slice(0, end), by }
}

/** The model's answer: the same question always gets the same one. Reasoning spends the token budget first. */
export function answerTo(question: Question): Answer {
  const promptTokens = Math.max(1, tokensOf(question.promptChars))
  const budget = question.maxTokens ?? Infinity
  const thought = question.wantsReasoning
    ? `The user wrote ${question.lastUserText.length} characters. I answer in plain words.`
    : ''
  const reasoning = thought.slice(0, budget * 4)
  const reasoningTokens = tokensOf(reasoning.length)
  const toolCalls = chooseTools(question)
  const known = { reasoning, toolCalls, promptTokens, reasoningTokens }
  if (toolCalls.length > 0) {
    const outputTokens = reasoningTokens + tokensOf(JSON.stringify(toolCalls).length)
    return { ...known, text: '', finish: 'tool_calls', stoppedBy: null, outputTokens }
  }
  const whole = cutAtStop(say(question), question.stop)
  const text = whole.text.slice(0, Math.max(0, budget - reasoningTokens) * 4)
  const isCut = text.length < whole.text.length || reasoning.length < thought.length
  const outputTokens = reasoningTokens + tokensOf(text.length)
  const finish = isCut ? 'length' : 'stop'
  return { ...known, text, finish, stoppedBy: isCut ? null : whole.by, outputTokens }
}

/** The answer of a model that says nothing: null, or "" because the tokens ran out. */
export function emptyAnswer(answer: Answer, kind: 'empty-answer' | 'empty-length'): Answer {
  return {
    ...answer,
    text: kind === 'empty-answer' ? null : '',
    reasoning: '',
    toolCalls: [],
    finish: kind === 'empty-answer' ? 'stop' : 'length',
    stoppedBy: null,
    reasoningTokens: 0,
    outputTokens: kind === 'empty-answer' ? 0 : answer.outputTokens,
  }
}

/** The text in pieces of `words` words; the pieces joined are the text. */
export function* piecesOf(text: string, words: number): Generator<string> {
  let piece = ''
  let held = 0
  for (const [word] of text.matchAll(/\s*\S+\s*$|\s*\S+/g)) {
    piece += word
    held += 1
    if (held < words) continue
    yield piece
    piece = ''
    held = 0
  }
  if (held > 0) yield piece
  else if (text !== '' && text.trim() === '') yield text
}

/** How many bytes base64 text stands for. */
export function base64Bytes(text: string): number {
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0
  return Math.floor((text.length * 3) / 4) - padding
}
