import type { JsonObject } from '../../chat/types.ts'
import type { WireError } from '../dialect.ts'

/** A text and nothing else: clients print an object as `[object Object]`. */
export function writeError(error: WireError): JsonObject {
  return { error: error.message }
}

export function errorFrame(error: WireError): string {
  return `${JSON.stringify(writeError(error))}\n`
}
