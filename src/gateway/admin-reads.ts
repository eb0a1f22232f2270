import { z } from 'zod'
import type { Json } from '../chat/types.ts'
import { RequestError } from '../errors.ts'
import { usageGroups } from '../ledger/ledger.ts'
import { noStore } from './admin.ts'
import { sendJson } from './respond.ts'
import type { Exchange, Handler } from './route.ts'

const mostAttempts = 10_000

/** GET /admin/usage?since&until&by=day,model: sums of the ledger. Times are ISO strings, `until` is not included. */
export const adminUsage: Handler = async ({ request, response, context }) => {
  const { since, until, by } = readQuery(usageSchema, request)
  const range = { since: Date.parse(since), until: Date.parse(until) }
  const rows = await context.core.usage({ ...range, by })
  sendJson(response, 200, { rows: rows as unknown as Json }, [...noStore, ...context.headers])
}

/** GET /admin/attempts?limit&call: the newest attempts first; with `call`, those of one request. */
export const adminAttempts: Handler = async ({ request, response, context }) => {
  const { limit, call } = readQuery(attemptsSchema, request)
  const attempts = await context.core.attempts({ limit, ...(call === undefined ? {} : { call }) })
  sendJson(response, 200, { attempts: attempts as unknown as Json }, [...noStore, ...context.headers])
}

/** GET /admin/models: every listed model, with its price and who pays. */
export const adminModels: Handler = async ({ response, context }) => {
  const listing = await context.core.listing()
  sendJson(response, 200, listing as unknown as Json, [...noStore, ...context.headers])
}

const usageSchema = z.strictObject({
  since: z.iso.datetime(),
  until: z.iso.datetime(),
  by: z
    .string()
    .default('')
    .transform((text) => text.split(',').filter((part) => part !== ''))
    .pipe(z.array(z.enum(usageGroups)).max(usageGroups.length)),
})
const attemptsSchema = z.strictObject({
  limit: z.coerce.number().int().min(1).max(mostAttempts).default(100),
  call: z.string().max(100).optional(),
})

/** Throws RequestError that names the parameter. */
export function readQuery<Value>(schema: z.ZodType<Value>, request: Exchange['request']): Value {
  const query = new URL(request.url ?? '', 'http://localhost').searchParams
  const parsed = schema.safeParse(Object.fromEntries(query))
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const param = issue?.path[0]
  throw new RequestError(
    'invalid_request',
    `the query is not understood: ${issue === undefined ? '' : `${String(param ?? '')} ${issue.message}`.trim()}`,
    typeof param === 'string' ? param : undefined,
  )
}
