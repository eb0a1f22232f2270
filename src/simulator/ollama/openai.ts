import { piecesOf } from '../answer.ts'
import { isRecord, readNumber, readRecords, readString, type Json } from '../json.ts'
import { readOpenAiQuestion } from '../openai-question.ts'
import type { Frame } from '../play.ts'
import { schemaInPrompt, toolResultsMatch, type OllamaDialect, type OllamaResult } from './dialect.ts'
import { handlerError, mismatchedTools, type OllamaRefusal } from './errors.ts'

const base64Image = /^data:(image\/(jpeg|jpg|png|webp))?;base64,/

/** What the form's own handler objects to (openai/openai.go in ollama/ollama). */
function findFault(messages: readonly Json[]): string | undefined {
  if (messages.length === 0) return "[] is too short - 'messages'"
  for (const message of messages) {
    for (const part of readRecords(message['content'])) {
      const image = part['image_url']
      const url = typeof image === 'string' ? image : isRecord(image) ? readString(image['url']) : undefined
      if (url === undefined) continue
      if (/^https?:/.test(url)) {
        return 'image URLs are not currently supported, please use base64 encoded data instead'
      }
      if (!base64Image.test(url)) return 'invalid image input'
    }
    for (const call of readRecords(message['tool_calls'])) {
      const called = isRecord(call['function']) ? readString(call['function']['arguments']) : undefined
      if (called !== undefined && !isJson(called)) return 'invalid tool call arguments'
    }
  }
  return toolResultsMatch(messages) ? undefined : mismatchedTools
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

function systemTextOf(messages: readonly Json[]): string {
  return messages
    .filter((message) => message['role'] === 'system' || message['role'] === 'developer')
    .map(({ content }) =>
      typeof content === 'string'
        ? content
        : readRecords(content)
            .map((part) => readString(part['text']) ?? '')
            .join(''),
    )
    .join('\n')
}

const efforts: Readonly<Record<string, boolean>> = {
  none: false,
  minimal: true,
  low: true,
  medium: true,
  high: true,
  max: true,
  xhigh: true,
  ultra: true,
}

function readEffort(body: Json): boolean | OllamaRefusal {
  const nested = isRecord(body['reasoning']) ? body['reasoning']['effort'] : undefined
  const effort = readString(nested) ?? readString(body['reasoning_effort'])
  if (effort === undefined) return false
  return efforts[effort] ?? handlerError('bad-request', 400, `invalid reasoning value: '${effort}'`)
}

function toolCallsOf({ answer, callIds }: OllamaResult): readonly Json[] {
  return answer.toolCalls.map((call, index) => ({
    id: callIds[index],
    index,
    type: 'function',
    function: { name: call.name, arguments: JSON.stringify(call.arguments) },
  }))
}

function usageOf({ use }: OllamaResult): Json {
  return {
    prompt_tokens: use.promptTokens,
    completion_tokens: use.outputTokens,
    total_tokens: use.promptTokens + use.outputTokens,
    prompt_tokens_details: { cached_tokens: use.cachedTokens },
  }
}

function headOf({ model, now, number }: OllamaResult, object: string): Json {
  return {
    id: `chatcmpl-${number}`,
    object,
    created: Math.floor(now / 1000),
    model,
    system_fingerprint: 'fp_ollama',
  }
}

function chunkText(result: OllamaResult, delta: Json, finish: string | null): string {
  const choices = [{ index: 0, delta, finish_reason: finish }]
  return `data: ${JSON.stringify({ ...headOf(result, 'chat.completion.chunk'), choices })}\n\n`
}

/** POST /v1/chat/completions. It reads neither `tool_choice` nor `max_completion_tokens`, nor does the cloud read a schema. */
export const openAiChat: OllamaDialect = {
  streamHeaders: { 'content-type': 'text/event-stream' },
  read: (body) => {
    const model = readString(body['model'])
    if (model === undefined || model === '') return handlerError('bad-request', 400, 'model is required')
    const messages = readRecords(body['messages'])
    const fault = findFault(messages)
    if (fault !== undefined) return handlerError('bad-request', 400, fault)
    const thinks = readEffort(body)
    if (typeof thinks !== 'boolean') return thinks
    const question = {
      ...readOpenAiQuestion(body),
      toolChoice: 'auto' as const,
      oneToolCall: false,
      schema: schemaInPrompt(systemTextOf(messages)),
      maxTokens: readNumber(body['max_tokens']),
    }
    return { model, streaming: body['stream'] === true, thinks, question, includeUsage: wantsUsage(body) }
  },
  write: (result) => {
    const { text, reasoning, finish } = result.answer
    const toolCalls = toolCallsOf(result)
    const message = {
      role: 'assistant',
      content: text ?? '',
      ...(reasoning === '' ? {} : { reasoning }),
      ...(toolCalls.length === 0 ? {} : { tool_calls: toolCalls }),
    }
    return JSON.stringify({
      ...headOf(result, 'chat.completion'),
      choices: [{ index: 0, message, finish_reason: finish }],
      ...(result.showsUse ? { usage: usageOf(result) } : {}),
    })
  },
  *frames(result, wordsPerChunk): Generator<Frame> {
    const { text, reasoning, finish } = result.answer
    const say = (delta: Json): Frame => ({
      kind: 'token',
      text: chunkText(result, { role: 'assistant', content: '', ...delta }, null),
    })
    for (const piece of piecesOf(reasoning, wordsPerChunk)) yield say({ reasoning: piece })
    for (const content of piecesOf(text ?? '', wordsPerChunk)) yield say({ content })
    const toolCalls = toolCallsOf(result)
    if (toolCalls.length > 0) yield say({ tool_calls: toolCalls })
    yield { kind: 'finish', text: chunkText(result, {}, finish) }
    if (result.includeUsage && result.showsUse) {
      const head = headOf(result, 'chat.completion.chunk')
      const chunk = JSON.stringify({ ...head, choices: [], usage: usageOf(result) })
      yield { kind: 'finish', text: `data: ${chunk}\n\n` }
    }
    yield { kind: 'done', text: 'data: [DONE]\n\n' }
  },
  // Read from middleware/openai.go: an error line inside the stream comes out as an empty delta, and nothing after it.
  errorFrame: (result) => chunkText(result, { role: 'assistant', content: '' }, null),
}

function wantsUsage(body: Json): boolean {
  return isRecord(body['stream_options']) && body['stream_options']['include_usage'] === true
}
