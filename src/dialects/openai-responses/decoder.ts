import type { StreamDecoder } from '../dialect.ts'
import { errorEvent, readSafely, unreadable } from '../error-event.ts'
import { asObject, parseJson } from '../lenient.ts'
import { createEventReader } from './stream-events.ts'

/** Goes by the `type` in the data: the `event:` line repeats it, and may be missing. */
export function createDecoder(): StreamDecoder {
  const events = createEventReader()
  return {
    push(frame) {
      const data = frame.data.trim()
      // Not of this wire, but gateways send it out of habit.
      if (data === '' || data === '[DONE]') return []
      const event = asObject(parseJson(data))
      if (event === undefined) return [unreadable('the upstream sent a frame that is not a JSON object')]
      // A proxy's error event may hold the error itself, without a type.
      if (frame.event === 'error' && event.type === undefined)
        return [errorEvent(event.error ?? event, undefined, data)]
      return readSafely(() => events.read(event, data))
    },
  }
}
