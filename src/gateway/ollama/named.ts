import type { IncomingMessage } from 'node:http'
import type { Json } from '../../chat/types.ts'
import { RequestError } from '../../errors.ts'
import { readJsonBody } from '../body.ts'

// Names and little else.
const maxBytes = 64 * 1024

/** A request about one model. */
export interface Named {
  readonly name: string
  readonly stream: boolean
}

/** Older clients say `name` where newer ones say `model`. Throws RequestError where neither is there. */
export async function readNamed(request: IncomingMessage): Promise<Named> {
  const { model, name, stream } = parse(await readJsonBody(request, maxBytes))
  const given = [model, name].find((each) => typeof each === 'string' && each.trim() !== '')
  if (typeof given !== 'string') throw new RequestError('invalid_request', 'model is required', 'model')
  return { name: given, stream: stream !== false }
}

function parse(bytes: Buffer): { readonly [name: string]: Json } {
  let value: unknown
  try {
    value = JSON.parse(bytes.toString())
  } catch {
    throw new RequestError('invalid_json', 'the request body is not valid JSON')
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as { [name: string]: Json }
  throw new RequestError('invalid_request', 'the request body must be a JSON object')
}
