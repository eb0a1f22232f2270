import type { IncomingMessage } from 'node:http'
import { isList } from '../../dialects/lenient.ts'
import { RequestError } from '../../errors.ts'
import { parseBody } from '../../relay/json-body.ts'
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
  const body = parseBody(await readJsonBody(request, maxBytes))
  if (typeof body !== 'object' || body === null || isList(body))
    throw new RequestError('invalid_request', 'the request body must be a JSON object')
  const { model, name, stream } = body
  const given = [model, name].find((each) => typeof each === 'string' && each.trim() !== '')
  if (typeof given !== 'string') throw new RequestError('invalid_request', 'model is required', 'model')
  return { name: given, stream: stream !== false }
}
