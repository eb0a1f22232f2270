import type { StreamDecoder } from '../dialect.ts'
import { readSafely, unreadable } from '../error-event.ts'
import { asObject, parseJson } from '../lenient.ts'
import { readError } from './error.ts'
import { createEventReader } from './event-reader.ts'

/** The name of an event stands in its data too; the line that names it may be missing. */
export function createDecoder(): StreamDecoder {
  const reader = createEventReader()
  return {
    push(frame) {
      const data = frame.data.trim()
      // Proxies that serve several formats end all of them with OpenAI's mark.
      if (data === '' || data === '[DONE]') return []
      const event = asObject(parseJson(data))
      if (event === undefined) return [unreadable('the upstream sent a frame that is not a JSON object')]
      // A proxy's error event may hold the error itself, without the member `error`.
      if (frame.event === 'error' && (event.error ?? undefined) === undefined)
        return [readError(event, undefined, data)]
      return readSafely(() => reader.read(event, data))
    },
  }
}
