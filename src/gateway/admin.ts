import { z } from 'zod'
import type { Json } from '../chat/types.ts'
import { isRouterError, RequestError } from '../errors.ts'
import { readAdminBody } from './admin-body.ts'
import type { KeySource } from './key-source.ts'
import { noStore, sendJson } from './respond.ts'
import type { Exchange, Handler } from './route.ts'

/** GET /admin/status: what the router knows about its keys, for CLI and dashboard. */
export const adminStatus: Handler = async ({ response, context }) => {
  const status = await context.core.status()
  sendJson(response, 200, status as unknown as Json, [...noStore, ...context.headers])
}

/** POST /admin/keys/release {"name"}: ends every cooldown of a key. */
export const adminRelease: Handler = async ({ request, response, context }) => {
  const { name } = await readAdminBody(request, releaseSchema, '{"name": "<key name>"}')
  if (!(await context.core.release(name)))
    throw new RequestError('not_found', `there is no key named "${name}"`, 'name')
  sendJson(response, 200, { released: name }, noStore)
}

/** POST /admin/keys/disable {"name"}: the key is not used until it is enabled again, across restarts. */
export const adminDisable: Handler = (exchange) => enable(exchange, false)

/** POST /admin/keys/enable {"name"}. */
export const adminEnable: Handler = (exchange) => enable(exchange, true)

async function enable({ request, response, context }: Exchange, enabled: boolean): Promise<void> {
  const { name } = await readAdminBody(request, releaseSchema, '{"name": "<key name>"}')
  if (!(await context.core.enable(name, enabled)))
    throw new RequestError('not_found', `there is no key named "${name}"`, 'name')
  sendJson(response, 200, { [enabled ? 'enabled' : 'disabled']: name }, noStore)
}

/** POST /admin/keys/test {"names"?}: what the services say of keys, by reads that spend no quota. */
export const adminTestKeys: Handler = async ({ request, response, context }) => {
  const { names } = await readAdminBody(request, testSchema, '{"names": ["<key name>"]} or {}')
  const checks = await context.core.checkKeys(names)
  sendJson(response, 200, { checks: checks as unknown as Json }, [...noStore, ...context.headers])
}

/**
 * POST /admin/keys/reload {}: takes keys that the config file names by now into use, and says what of it has to wait for the
 * next start.
 */
export const adminReloadKeys: Handler = async ({ request, response, context }) => {
  await readAdminBody(request, emptySchema, '{}')
  const { keys, core } = context
  if (keys === undefined)
    throw new RequestError(
      'not_implemented',
      'the keys of this gateway are no settings of yours (a sandbox, or a program that gives them); start it again',
    )
  const { taken, left } = await core.takeKeys(readSource(keys))
  const body = { configFile: keys.configFile, taken, left } as unknown as Json
  sendJson(response, 200, body, noStore)
}

/** What is wrong in the file is a matter of whoever wrote it, not of the gateway. */
function readSource(keys: KeySource): ReturnType<KeySource['read']> {
  try {
    return keys.read()
  } catch (error) {
    if (!isRouterError(error) || error.code !== 'config') throw error
    throw new RequestError('invalid_request', error.message)
  }
}

/** POST /admin/reconcile {"since"}: the services' figures of their days beside our own, from that ISO time on. */
export const adminReconcile: Handler = async ({ request, response, context }) => {
  const { since } = await readAdminBody(request, reconcileSchema, '{"since": "<ISO time>"}')
  const comparisons = await context.core.comparisons(Date.parse(since))
  sendJson(response, 200, { comparisons: comparisons as unknown as Json }, [...noStore, ...context.headers])
}

const emptySchema = z.strictObject({})
const releaseSchema = z.strictObject({ name: z.string().min(1).max(100) })
const testSchema = z.strictObject({ names: z.array(z.string().min(1).max(100)).max(10_000).optional() })
const reconcileSchema = z.strictObject({ since: z.iso.datetime() })
