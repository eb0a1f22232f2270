import type { ChatEvent, JsonObject, Usage } from '../../chat/types.ts'
import { errorEvent } from '../error-event.ts'
import { argsText, makeCallId } from '../function-tools.ts'
import { asCount, asList, asObject, asText } from '../lenient.ts'
import type { SaidForm } from './said.ts'

/** Reads the lines of one answer in order. A whole answer is a single line that is also the last. */
export interface LineReader {
  read(line: JsonObject, raw: string | undefined): readonly ChatEvent[]
}

export function createLineReader(form: SaidForm): LineReader {
  let started = false
  let calls = 0

  const start = (line: JsonObject, events: ChatEvent[]): void => {
    if (started) return
    started = true
    const made = Math.floor(Date.parse(asText(line.created_at) ?? '') / 1000)
    const created = Number.isFinite(made) ? { created: made } : {}
    events.push({ type: 'message-start', id: '', model: asText(line.model) ?? '', ...created })
  }

  const readCalls = (message: JsonObject, events: ChatEvent[]): void => {
    for (const value of asList(message.tool_calls)) {
      const call = asObject(value)
      const named = asObject(call?.function)
      if (named === undefined) continue
      const index = calls++
      const given = asText(call?.id) ?? ''
      const id = given === '' ? makeCallId() : given
      events.push({ type: 'tool-start', index, id, name: asText(named.name) ?? '' })
      events.push({ type: 'tool-delta', index, json: argsText(named.arguments) })
    }
  }

  return {
    read(line, raw) {
      // A stream that fails keeps its status 200 and says so in its last line (https://docs.ollama.com/api/errors).
      const error = line.error ?? undefined
      if (error !== undefined) return [errorEvent(error, line, raw ?? JSON.stringify(line))]
      const events: ChatEvent[] = []
      start(line, events)
      const message = form.read(line) ?? {}
      const thinking = asText(message.thinking) ?? ''
      if (thinking !== '') events.push({ type: 'reasoning-delta', text: thinking })
      const content = asText(message.content) ?? ''
      if (content !== '') events.push({ type: 'text-delta', text: content })
      readCalls(message, events)
      if (line.done === true) {
        // `done_reason` is `stop` after tool calls too.
        const stopped = calls > 0 ? 'tool-calls' : 'stop'
        events.push({ type: 'finish', reason: line.done_reason === 'length' ? 'length' : stopped })
        events.push({ type: 'usage', usage: readUsage(line) }, { type: 'message-end' })
      }
      return events
    },
  }
}

// The server leaves out counters that are zero (`omitempty` in https://github.com/ollama/ollama/blob/main/api/types.go).
function readUsage(line: JsonObject): Usage {
  const input = asCount(line.prompt_eval_count) ?? 0
  const cached = asCount(line.prompt_eval_cached_count)
  return {
    input,
    output: asCount(line.eval_count) ?? 0,
    ...(cached === undefined || cached > input ? {} : { cached }),
  }
}
