import { z } from 'zod'
import type { Json } from '../chat/types.ts'
import { isRouterError, RequestError } from '../errors.ts'
import { readAdminBody } from './admin-body.ts'
import { type ClientBook, ownClient } from './client-book.ts'
import { noStore, sendJson } from './respond.ts'
import type { GatewayContext, Handler } from './route.ts'

/** GET /admin/clients: who may use the gateway, under which terms, and what each spent. */
export const adminClients: Handler = async ({ response, context }) => {
  const book = bookOf(context)
  const spend = await context.core.clientSpend().catch(unlessStoreFailed)
  const clients = book.list().map((client) => {
    const today = spend?.today.get(client.name) ?? { requests: 0, nanoUsd: 0 }
    return {
      ...client,
      requestsToday: spend === undefined ? null : today.requests,
      spentTodayUsd: spend === undefined ? null : today.nanoUsd / 1e9,
      spentMonthUsd: spend === undefined ? null : (spend.monthNanoUsd.get(client.name) ?? 0) / 1e9,
    }
  })
  const body = { configFile: book.configFile, clients } as unknown as Json
  sendJson(response, 200, body, [...noStore, ...context.headers])
}

/** POST /admin/clients/add {"name", "freeOnly"?, "usdPerDay"?, "usdPerMonth"?}: answers the fresh key, this once. */
export const adminAddClient: Handler = async ({ request, response, context }) => {
  const book = bookOf(context)
  const { name, ...terms } = await readAdminBody(request, termsSchema, termsWanted)
  const { key, keyFile } = await context.core.changePolicy(() => {
    const added = book.add(name, terms)
    context.guard.admit({ name, freeOnly: added.client.freeOnly, key: added.key })
    return added
  })
  sendJson(response, 200, { name, key, keyFile }, noStore)
}

/** POST /admin/clients/change {"name", "freeOnly"?, "usdPerDay"?, "usdPerMonth"?}: in force for the next request. */
export const adminChangeClient: Handler = async ({ request, response, context }) => {
  const book = bookOf(context)
  const { name, ...terms } = await readAdminBody(request, termsSchema, termsWanted)
  if (Object.keys(terms).length === 0)
    throw new RequestError('invalid_request', `nothing to change; send ${termsWanted}`)
  const { client } = await context.core.changePolicy(() => {
    const changed = book.change(name, terms)
    context.guard.change({ name, freeOnly: changed.client.freeOnly })
    return changed
  })
  sendJson(response, 200, client as unknown as Json, noStore)
}

/** POST /admin/clients/revoke {"name"}: the client's key opens nothing from now on. */
export const adminRevokeClient: Handler = async ({ request, response, context }) => {
  const { name } = await readAdminBody(request, nameSchema, '{"name": "<client name>"}')
  const { book, guard } = context
  if (book === undefined) {
    // The key of the client that every gateway has is set elsewhere.
    if (name === ownClient || !guard.revoke(name))
      throw new RequestError('not_found', `there is no client named "${name}"`, 'name')
    sendJson(response, 200, { revoked: name }, noStore)
    return
  }
  // Whatever state the ledger is in.
  const { keyFileRemoved, policyCleared } = await context.core.changePolicy(() => {
    const revoked = book.revoke(name)
    guard.revoke(name)
    return revoked
  })
  sendJson(response, 200, { revoked: name, keyFileRemoved, policyCleared }, noStore)
}

const name = z.string().min(1).max(100)
const usd = z.number().min(0).max(1_000_000).nullable().optional()
const nameSchema = z.strictObject({ name })
const termsSchema = z.strictObject({
  name,
  freeOnly: z.boolean().optional(),
  usdPerDay: usd,
  usdPerMonth: usd,
})
const termsWanted =
  '{"name": "<client name>", "freeOnly"?: true or false, "usdPerDay"?: dollars from 0 to 1000000, or null for none, "usdPerMonth"?: the same}'

/** Who may use the gateway is known without the ledger. */
function unlessStoreFailed(error: unknown): undefined {
  if (!isRouterError(error) || error.code !== 'store_failed') throw error
}

function bookOf({ book }: GatewayContext): ClientBook {
  if (book !== undefined) return book
  throw new RequestError(
    'not_implemented',
    'this gateway was started by a program, without a config file: its clients are those which that program gives it',
  )
}
