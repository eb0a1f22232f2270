import { z } from 'zod'
import type { Json } from '../chat/types.ts'
import { RequestError } from '../errors.ts'
import { readJsonBody } from './body.ts'
import { sendJson } from './respond.ts'
import type { Handler } from './route.ts'

/** GET /admin/status: what the router knows about its keys, for CLI and dashboard. */
export const adminStatus: Handler = async ({ response, context }) => {
  const status = await context.core.status()
  sendJson(response, 200, status as unknown as Json, [...noStore, ...context.headers])
}

/** POST /admin/keys/release {"name"}: ends every cooldown of a key. */
export const adminRelease: Handler = async ({ request, response, context }) => {
  const name = readName(await readJsonBody(request, 64 * 1024))
  if (!(await context.core.release(name)))
    throw new RequestError('not_found', `there is no key named "${name}"`, 'name')
  sendJson(response, 200, { released: name }, noStore)
}

const noStore = ['cache-control', 'no-store']
const releaseSchema = z.strictObject({ name: z.string().min(1).max(100) })

function readName(body: Buffer): string {
  let value: unknown
  try {
    value = JSON.parse(body.toString())
  } catch {
    throw new RequestError('invalid_json', 'the request body is not valid JSON')
  }
  const parsed = releaseSchema.safeParse(value)
  if (!parsed.success) throw new RequestError('invalid_request', 'send {"name": "<key name>"}', 'name')
  return parsed.data.name
}
