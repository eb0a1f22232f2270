import { base64Bytes, piecesOf, type Answer, type Question } from '../answer.ts'
import { isRecord, readNumber, readRecords, readString, readStrings, type Json } from '../json.ts'
import { readTools } from '../openai-question.ts'
import type { Frame } from '../play.ts'
import { schemaInPrompt, toolResultsMatch, type OllamaDialect, type OllamaResult } from './dialect.ts'
import { handlerError, mismatchedTools, type OllamaRefusal } from './errors.ts'

const ndjson = { 'content-type': 'application/x-ndjson' }
const thinkLevels = ['high', 'medium', 'low', 'max']

/** `think` as a yes or no, or why it is neither. */
function readThink(value: unknown): boolean | OllamaRefusal {
  if (value === undefined || value === null) return false
  if (typeof value === 'boolean') return value
  if (typeof value === 'string' && thinkLevels.includes(value)) return true
  return handlerError(
    'bad-request',
    400,
    `invalid think value: ${JSON.stringify(value)} (must be "high", "medium", "low", "max", true, or false)`,
  )
}

/** The parts of a question that both native paths write alike. */
function commonQuestion(body: Json, systemText: string, imageBytes: readonly number[]) {
  const options = isRecord(body['options']) ? body['options'] : {}
  const maxTokens = readNumber(options['num_predict'])
  return {
    toolChoice: 'auto' as const,
    oneToolCall: false,
    imageBytes,
    schema: schemaInPrompt(systemText),
    wantsReasoning: false,
    maxTokens: maxTokens === undefined || maxTokens < 0 ? undefined : maxTokens,
    stop: readStrings(options['stop']),
  }
}

function readChatQuestion(body: Json, messages: readonly Json[]): Question {
  let promptChars = 0
  let lastUserText = ''
  let systemText = ''
  const imageBytes: number[] = []
  for (const message of messages) {
    const content = readString(message['content']) ?? ''
    promptChars += content.length
    for (const call of readRecords(message['tool_calls'])) promptChars += JSON.stringify(call).length
    for (const image of readStrings(message['images'])) imageBytes.push(base64Bytes(image))
    if (message['role'] === 'user') lastUserText = content
    if (message['role'] === 'system') systemText += `${content}\n`
  }
  const last = messages.at(-1)
  return {
    ...commonQuestion(body, systemText, imageBytes),
    promptChars,
    lastUserText,
    toolResult: last?.['role'] === 'tool' ? (readString(last['content']) ?? '') : undefined,
    tools: readTools(body['tools']),
  }
}

/** Go writes nanoseconds; the last digits are made up. */
function rfc3339(now: number): string {
  return new Date(now).toISOString().replace('Z', '417259Z')
}

export const loadNs = 2_154_458
export const promptTokenNs = 383_809
const outputTokenNs = 16_107_114

/** The members of the last line; a zero is left out, but a measured cache miss is written. */
function metricsOf({ answer, use, showsUse }: OllamaResult): Json {
  const ending = { done: true, done_reason: answer.finish === 'length' ? 'length' : 'stop' }
  if (!showsUse) return ending
  const promptNs = (use.promptTokens - use.cachedTokens) * promptTokenNs
  const outputNs = use.outputTokens * outputTokenNs
  return {
    ...ending,
    total_duration: loadNs + promptNs + outputNs,
    load_duration: loadNs,
    prompt_eval_count: use.promptTokens,
    prompt_eval_cached_count: use.cachedTokens,
    ...(promptNs === 0 ? {} : { prompt_eval_duration: promptNs }),
    ...(use.outputTokens === 0 ? {} : { eval_count: use.outputTokens, eval_duration: outputNs }),
  }
}

function toolCallsOf({ answer, callIds }: OllamaResult): readonly Json[] {
  return answer.toolCalls.map((call, index) => ({
    id: callIds[index],
    function: { index, name: call.name, arguments: call.arguments },
  }))
}

type Said = { readonly content?: string; readonly thinking?: string; readonly toolCalls?: readonly Json[] }

function writeLine({ model, now }: OllamaResult, rest: Json): string {
  return JSON.stringify({ model, created_at: rfc3339(now), ...rest })
}

/** `/api/chat` and `/api/generate` differ in what is read, and in where the words lie in the answer. */
function nativeDialect(
  readQuestion: (body: Json) => Question | OllamaRefusal,
  place: (said: Said) => Json,
): OllamaDialect {
  return {
    streamHeaders: ndjson,
    read: (body) => {
      const model = readString(body['model'])
      if (model === undefined || model === '') return handlerError('bad-request', 400, 'model is required')
      const thinks = readThink(body['think'])
      if (typeof thinks !== 'boolean') return thinks
      const question = readQuestion(body)
      if ('kind' in question) return question
      return { model, streaming: body['stream'] !== false, thinks, question }
    },
    write: (result) => {
      const { text, reasoning } = result.answer
      const said = { content: text ?? '', thinking: reasoning, toolCalls: toolCallsOf(result) }
      return writeLine(result, { ...place(said), ...metricsOf(result) })
    },
    *frames(result, wordsPerChunk): Generator<Frame> {
      const say = (said: Said): Frame => ({
        kind: 'token',
        text: `${writeLine(result, { ...place(said), done: false })}\n`,
      })
      const { text, reasoning, toolCalls }: Answer = result.answer
      for (const thinking of piecesOf(reasoning, wordsPerChunk)) yield say({ thinking })
      for (const content of piecesOf(text ?? '', wordsPerChunk)) yield say({ content })
      if (toolCalls.length > 0) yield say({ toolCalls: toolCallsOf(result) })
      yield { kind: 'finish', text: `${writeLine(result, { ...place({}), ...metricsOf(result) })}\n` }
    },
    // After the first line an error is a line of its own with nothing else in it (docs: api/errors).
    errorFrame: (_result, text) => `${JSON.stringify({ error: text })}\n`,
  }
}

export const nativeChat: OllamaDialect = nativeDialect(
  (body) => {
    const messages = readRecords(body['messages'])
    if (!toolResultsMatch(messages)) return handlerError('bad-request', 400, mismatchedTools)
    return readChatQuestion(body, messages)
  },
  ({ content, thinking, toolCalls }) => ({
    message: {
      role: 'assistant',
      content: content ?? '',
      ...(thinking === undefined || thinking === '' ? {} : { thinking }),
      ...(toolCalls === undefined || toolCalls.length === 0 ? {} : { tool_calls: toolCalls }),
    },
  }),
)

export const nativeGenerate: OllamaDialect = nativeDialect(
  (body) => {
    const prompt = readString(body['prompt']) ?? ''
    const system = readString(body['system']) ?? ''
    return {
      ...commonQuestion(body, system, readStrings(body['images']).map(base64Bytes)),
      promptChars: prompt.length + system.length,
      lastUserText: prompt,
      toolResult: undefined,
      tools: [],
    }
  },
  ({ content, thinking }) => ({
    response: content ?? '',
    ...(thinking === undefined || thinking === '' ? {} : { thinking }),
  }),
)
