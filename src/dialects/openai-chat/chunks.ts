import type { ChatEvent, FinishReason, JsonObject } from '../../chat/types.ts'
import { errorEvent } from '../error-event.ts'
import { asList, asNumber, asObject, asText, type Loose } from '../lenient.ts'
import { readReasoning } from './reasoning.ts'
import { createToolReader } from './tool-deltas.ts'
import { readUsage } from './usage.ts'

/** Reads the chunks of one answer in order. A whole answer is read as a single chunk: `message` stands for `delta`. */
export interface ChunkReader {
  /** `raw`: the chunk as it came, for errors. */
  read(chunk: JsonObject, raw: string | undefined): readonly ChatEvent[]
}

export function createChunkReader(): ChunkReader {
  const tools = createToolReader()
  let started = false
  let finished = false

  const readChoice = (choice: JsonObject, events: ChatEvent[]): void => {
    const delta = asObject(choice.delta) ?? asObject(choice.message)
    if (delta !== undefined) {
      const reasoning = readReasoning(delta)
      if (reasoning !== undefined) events.push({ type: 'reasoning-delta', ...reasoning })
      readText(delta.content, events)
      tools.read(asList(delta.tool_calls), events)
      const legacy = asObject(delta.function_call)
      if (legacy !== undefined) tools.read([{ function: legacy }], events)
    }
    const reason = asText(choice.finish_reason)
    if (reason === undefined || finished) return
    finished = true
    tools.flush(events)
    events.push({ type: 'finish', reason: readFinish(reason, tools.any()) })
  }

  return {
    read(chunk, raw) {
      const error = readError(chunk)
      if (error !== undefined) return [errorEvent(error, chunk, raw ?? JSON.stringify(chunk))]
      const events: ChatEvent[] = []
      const choices = asList(chunk.choices)
      const id = asText(chunk.id) ?? ''
      if (!started && (choices.length > 0 || id !== '')) {
        started = true
        const created = asNumber(chunk.created)
        const model = asText(chunk.model) ?? ''
        events.push({ type: 'message-start', id, model, ...(created === undefined ? {} : { created }) })
      }
      // Of several choices (`n`) the first one is the answer.
      const choice = choices.map(asObject).find((one) => (one?.index ?? 0) === 0)
      if (choice !== undefined) {
        readChoice(choice, events)
        const failed = choice.error ?? undefined
        if (failed !== undefined) events.push(errorEvent(failed, choice, raw ?? JSON.stringify(chunk)))
      }
      const usage = readUsage(chunk.usage)
      if (usage !== undefined) events.push({ type: 'usage', usage })
      return events
    },
  }
}

// OpenRouter puts `error` beside `choices` (https://openrouter.ai/docs/api_reference/streaming), OpenAI sends it alone,
// vLLM sends the error object itself with `object: "error"`.
function readError(chunk: JsonObject): Loose {
  const error = chunk.error ?? undefined
  if (error !== undefined) return error
  return chunk.object === 'error' ? chunk : undefined
}

function readText(content: Loose, events: ChatEvent[]): void {
  const text =
    asText(content) ??
    asList(content)
      .map((part) => asText(asObject(part)?.text) ?? '')
      .join('')
  if (text !== '') events.push({ type: 'text-delta', text })
}

// Several services say `stop` after tool calls: the calls are the better witness. A word nobody knows is an end.
function readFinish(reason: string, called: boolean): FinishReason {
  switch (reason) {
    case 'length':
      return 'length'
    case 'content_filter':
      return 'filtered'
    case 'error':
      return 'error'
    case 'tool_calls':
    case 'function_call':
      return 'tool-calls'
    default:
      return called ? 'tool-calls' : 'stop'
  }
}
