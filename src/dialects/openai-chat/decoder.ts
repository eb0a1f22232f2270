import type { StreamDecoder } from '../dialect.ts'
import { errorEvent, readSafely, unreadable } from '../error-event.ts'
import { asObject, parseJson } from '../lenient.ts'
import { createChunkReader } from './chunks.ts'

export function createDecoder(): StreamDecoder {
  const chunks = createChunkReader()
  return {
    push(frame) {
      const data = frame.data.trim()
      if (data === '[DONE]') return [{ type: 'message-end' }]
      if (data === '') return []
      const chunk = asObject(parseJson(data))
      if (chunk === undefined) return [unreadable('the upstream sent a frame that is not a JSON object')]
      // A proxy's error event may hold the error itself, without the member `error`.
      if (frame.event === 'error' && chunk.error === undefined) return [errorEvent(chunk, undefined, data)]
      return readSafely(() => chunks.read(chunk, data))
    },
  }
}
