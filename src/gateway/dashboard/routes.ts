import type { Handler, Route } from '../route.ts'
import { dashboard } from './page.ts'
import { adminChat } from './playground.ts'
import { logIn, logOut, whoAmI } from './session-routes.ts'

/** GET /admin/live: the status once a second, as server-sent events. */
const adminLive: Handler = ({ response, context }) => context.live.add(response)

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
