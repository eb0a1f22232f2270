import type { StreamDecoder } from '../dialect.ts'
import { readSafely, unreadable } from '../error-event.ts'
import { asObject, parseJson } from '../lenient.ts'
import { createLineReader } from './lines.ts'

export function createDecoder(): StreamDecoder {
  const lines = createLineReader()
  return {
    push(frame) {
      const line = asObject(parseJson(frame.data))
      if (line === undefined) return [unreadable('the upstream sent a line that is not a JSON object')]
      return readSafely(() => lines.read(line, frame.data))
    },
  }
}
