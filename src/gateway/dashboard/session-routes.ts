import { z } from 'zod'
import { RequestError, RouterError } from '../../errors.ts'
import { readAdminBody } from '../admin-body.ts'
import { noStore, sendJson } from '../respond.ts'
import type { Handler } from '../route.ts'
import { isOwnPage, sessionCookie, sessionToken } from './cookie.ts'

/** POST /admin/session {"key"}: logs a browser in with the admin key. */
export const logIn: Handler = async ({ request, response, context }) => {
  if (!isOwnPage(request))
    throw new RequestError('forbidden_origin', 'only pages of this gateway may log in here')
  const { key } = await readAdminBody(request, logInSchema, '{"key": "<admin key>"}')
  if (context.sessions.tooManyFailures())
    throw new RouterError('unavailable', 'too many wrong keys; try again in a minute')
  if (!context.guard.isAdminKey(key.trim())) {
    context.sessions.failed()
    throw new RequestError(
      'invalid_api_key',
      'that is not the admin key; it is in the file "admin-key" of SWITCHYARD_HOME',
    )
  }
  const cookie = sessionCookie(request, context.sessions.open())
  sendJson(response, 200, { loggedIn: true }, ['set-cookie', cookie, ...noStore])
}

/** GET /admin/session: whether this browser is logged in. */
export const whoAmI: Handler = ({ request, response, context }) => {
  const token = sessionToken(request)
  const loggedIn = token !== undefined && isOwnPage(request) && context.sessions.has(token)
  sendJson(response, 200, { loggedIn }, noStore)
}

/** DELETE /admin/session: logs this browser out. */
export const logOut: Handler = ({ request, response, context }) => {
  const token = sessionToken(request)
  if (token !== undefined) context.sessions.close(token)
  sendJson(response, 200, { loggedIn: false }, ['set-cookie', sessionCookie(request, ''), ...noStore])
}

const logInSchema = z.strictObject({ key: z.string().min(1).max(1000) })
