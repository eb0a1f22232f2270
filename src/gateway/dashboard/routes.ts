import type { Handler, Route } from '../route.ts'
import { sessionToken } from './cookie.ts'
import { dashboard } from './page.ts'
import { adminChat } from './playground.ts'
import { logIn, logOut, whoAmI } from './session-routes.ts'

/** GET /admin/live: the status once a second, as server-sent events, until the session that asked ends. */
const adminLive: Handler = ({ request, response, context: { live, sessions } }) => {
  const token = sessionToken(request)
  // Who shows the admin key itself may send a cookie of before.
  const bySession = token !== undefined && sessions.has(token)
  live.add(response, () => !bySession || sessions.has(token))
}

/** The pages hold no data: what they show they ask for with the session that `POST /admin/session` begins. */
export const dashboardRoutes: readonly Route[] = [
  { method: 'GET', path: '/dashboard', access: 'none', handle: dashboard },
  { method: 'GET', path: '/dashboard/', access: 'none', handle: dashboard },
  { method: 'GET', path: '/admin/session', access: 'none', handle: whoAmI },
  { method: 'POST', path: '/admin/session', access: 'none', handle: logIn },
  { method: 'DELETE', path: '/admin/session', access: 'none', handle: logOut },
  { method: 'GET', path: '/admin/live', access: 'admin', handle: adminLive },
  { method: 'POST', path: '/admin/chat', access: 'admin', handle: adminChat },
]
