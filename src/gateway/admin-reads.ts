import { z } from 'zod'
import type { Json } from '../chat/types.ts'
import { RequestError } from '../errors.ts'
import { attemptStates } from '../ledger/attempt.ts'
import { usageGroups } from '../ledger/ledger.ts'
import { requestedAt } from '../ledger/request-id.ts'
import { noStore, sendJson } from './respond.ts'
import type { Exchange, Handler } from './route.ts'

const mostAttempts = 10_000

/** GET /admin/usage?since&until&by=day,model: sums of the ledger. Times are ISO strings, `until` is not included. */
export const adminUsage: Handler = async ({ request, response, context }) => {
  const { since, until, by } = readQuery(usageSchema, request)
  const range = { since: Date.parse(since), until: Date.parse(until) }
  const rows = await context.core.usage({ ...range, by })
  sendJson(response, 200, { rows: rows as unknown as Json }, [...noStore, ...context.headers])
}

/**
 * GET /admin/attempts?limit&before&since&until&call&client&provider&key&model&lane&state&fault&text: attempts that fit,
 * the newest first, and `next`, to be asked for as `before`, unless nothing older is left to look at.
 */
export const adminAttempts: Handler = async ({ request, response, context }) => {
  const { state, since, until, ...rest } = readQuery(attemptsSchema, request)
  const given = {
    ...rest,
    ...(isRequestId(rest.text) && rest.call === undefined
      ? { call: rest.text.toLowerCase(), text: undefined }
      : {}),
    states: state,
    since: since === undefined ? undefined : Date.parse(since),
    until: until === undefined ? undefined : Date.parse(until),
  }
  const filter = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
  const page = await context.core.attempts({ ...filter, limit: rest.limit })
  sendJson(response, 200, page as unknown as Json, [...noStore, ...context.headers])
}

/** Somebody pasted a whole id into the search: it is found at its time, however old. */
function isRequestId(text: string | undefined): text is string {
  return text !== undefined && requestedAt(text) !== undefined
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
const word = z.string().min(1).max(200).optional()
const attemptsSchema = z.strictObject({
  limit: z.coerce.number().int().min(1).max(mostAttempts).default(100),
  before: z.coerce.number().int().min(1).optional(),
  since: z.iso.datetime().optional(),
  until: z.iso.datetime().optional(),
  call: word,
  client: word,
  provider: word,
  key: word,
  model: word,
  lane: z.enum(['free', 'included', 'paid']).optional(),
  state: z
    .string()
    .transform((text) => text.split(','))
    .pipe(z.array(z.enum(attemptStates)))
    .optional(),
  fault: word,
  text: word,
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
