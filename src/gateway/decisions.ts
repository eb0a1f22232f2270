import { z } from 'zod'
import type { Json } from '../chat/types.ts'
import { RequestError } from '../errors.ts'
import type { PlanRequest } from '../routing/preview.ts'
import { unknownRequest } from '../routing/why.ts'
import { readAdminBody } from './admin-body.ts'
import { dashboardClient } from './dashboard/playground.ts'
import { noStore, sendJson } from './respond.ts'
import type { Exchange, Handler } from './route.ts'

/** POST /admin/plan: what would be chosen for a request now, and why not the others. */
export const adminPlan: Handler = async ({ request, response, context }) => {
  const asked = await readAdminBody(request, planSchema, planWanted)
  const client = asked.client ?? 'default'
  const plan = await context.core.plan({
    ...asked,
    client,
    freeOnly: freeOnlyOf(client, context),
  } as PlanRequest)
  sendJson(response, 200, plan as unknown as Json, [...noStore, ...context.headers])
}

/** POST /admin/why {"id"}: what became of a request, and what stood in its way. */
export const adminWhy: Handler = async ({ request, response, context }) => {
  const { id } = await readAdminBody(request, whySchema, '{"id": "<x-request-id>"}')
  const why = await context.core.why(id)
  if (why === undefined) throw unknownRequest(id)
  sendJson(response, 200, why as unknown as Json, [...noStore, ...context.headers])
}

function freeOnlyOf(client: string, { guard: { clients } }: Exchange['context']): boolean {
  const known = clients.get(client)
  if (known !== undefined) return known.freeOnly
  // It has no client key, and is a client of the ledger and of ceilings all the same.
  if (client === dashboardClient) return false
  const names = [...clients.keys()].map((name) => `"${name}"`).join(', ')
  throw new RequestError('not_found', `there is no client "${client}"; known: ${names}`, 'client')
}

const name = z.string().trim().min(1).max(200)
const planSchema = z.strictObject({
  model: name,
  client: name.optional(),
  provider: name.optional(),
  kind: z.enum(['chat', 'embeddings']).optional(),
  needs: z.array(z.enum(['tools', 'images', 'reasoning', 'structured-output'])).optional(),
  inputTokens: z.int().min(0).max(100_000_000).optional(),
})
const planWanted =
  '{"model": "auto", "client"?: "default", "provider"?: "<name>", "kind"?: "chat" or "embeddings", "needs"?: ["tools", "images", "reasoning", "structured-output"], "inputTokens"?: 1000}'
const whySchema = z.strictObject({ id: name })
