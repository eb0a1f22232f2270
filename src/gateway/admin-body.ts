import type { IncomingMessage } from 'node:http'
import type { z } from 'zod'
import { RequestError } from '../errors.ts'
import { parseBody } from '../relay/json-body.ts'
import { readJsonBody } from './body.ts'

const maxBytes = 64 * 1024

/** The body of an admin request. Throws RequestError that says what to send (`wanted`). */
export async function readAdminBody<Value>(
  request: IncomingMessage,
  schema: z.ZodType<Value>,
  wanted: string,
): Promise<Value> {
  const parsed = schema.safeParse(parseBody(await readJsonBody(request, maxBytes)))
  if (parsed.success) return parsed.data
  const param = parsed.error.issues[0]?.path[0]
  throw new RequestError('invalid_request', `send ${wanted}`, typeof param === 'string' ? param : undefined)
}
