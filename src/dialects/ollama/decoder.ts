import type { StreamDecoder } from '../dialect.ts'
import { readSafely, unreadable } from '../error-event.ts'
import { asObject, parseJson } from '../lenient.ts'
import { createLineReader } from './lines.ts'
import type { SaidForm } from './said.ts'

export function createDecoder(form: SaidForm): StreamDecoder {
  const lines = createLineReader(form)
  return {
    push(frame) {
      const line = asObject(parseJson(frame.data))
      if (line === undefined) return [unreadable('the upstream sent a line that is not a JSON object')]
      return readSafely(() => lines.read(line, frame.data))
    },
  }
}
