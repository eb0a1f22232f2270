import type { IncomingMessage } from 'node:http'
import type { DialectName } from '../chat/types.ts'
import { adminPlan, adminWhy } from './decisions.ts'
import {
  adminDisable,
  adminEnable,
  adminReconcile,
  adminReloadKeys,
  adminRelease,
  adminStatus,
  adminTestKeys,
} from './admin.ts'
import { adminAddClient, adminChangeClient, adminClients, adminRevokeClient } from './admin-clients.ts'
import { adminAttempts, adminModels, adminUsage } from './admin-reads.ts'
import { adminSettings } from './admin-settings.ts'
import { adminUsageReport } from './admin-usage-report.ts'
import { dashboardRoutes } from './dashboard/routes.ts'
import { healthz, readyz } from './health.ts'
import { countMessageTokens } from './count-tokens.ts'
import { inference } from './inference.ts'
import { metricsPage } from './metrics.ts'
import { listModels, oneModel } from './models.ts'
import { ollamaRoutes } from './ollama/routes.ts'
import type { Route } from './route.ts'

/** Everything the gateway answers; what is not here is 404. */
export const routes: readonly Route[] = [
  { method: 'GET', path: '/healthz', access: 'none', handle: healthz },
  { method: 'GET', path: '/readyz', access: 'none', handle: readyz },
  { method: 'GET', path: '/metrics', access: 'metrics', handle: metricsPage },
  { method: 'POST', path: '/v1/chat/completions', access: 'client', handle: inference('openai-chat') },
  { method: 'POST', path: '/v1/responses', access: 'client', handle: inference('openai-responses') },
  { method: 'POST', path: '/v1/messages', access: 'client', handle: inference('anthropic') },
  { method: 'POST', path: '/v1/messages/count_tokens', access: 'client', handle: countMessageTokens },
  { method: 'POST', path: '/v1/embeddings', access: 'client', handle: inference('openai-embeddings') },
  { method: 'GET', path: '/v1/models', access: 'client', handle: listModels },
  { method: 'GET', path: '/v1/models/', access: 'client', handle: oneModel },
  ...ollamaRoutes,
  ...dashboardRoutes,
  { method: 'GET', path: '/admin/status', access: 'admin', handle: adminStatus },
  { method: 'POST', path: '/admin/reconcile', access: 'admin', handle: adminReconcile },
  { method: 'POST', path: '/admin/plan', access: 'admin', handle: adminPlan },
  { method: 'POST', path: '/admin/why', access: 'admin', handle: adminWhy },
  { method: 'GET', path: '/admin/usage', access: 'admin', handle: adminUsage },
  { method: 'GET', path: '/admin/usage/report', access: 'admin', handle: adminUsageReport },
  { method: 'GET', path: '/admin/settings', access: 'admin', handle: adminSettings },
  { method: 'GET', path: '/admin/attempts', access: 'admin', handle: adminAttempts },
  { method: 'GET', path: '/admin/models', access: 'admin', handle: adminModels },
  { method: 'POST', path: '/admin/keys/release', access: 'admin', handle: adminRelease },
  { method: 'POST', path: '/admin/keys/disable', access: 'admin', handle: adminDisable },
  { method: 'POST', path: '/admin/keys/enable', access: 'admin', handle: adminEnable },
  { method: 'POST', path: '/admin/keys/test', access: 'admin', handle: adminTestKeys },
  { method: 'POST', path: '/admin/keys/reload', access: 'admin', handle: adminReloadKeys },
  { method: 'GET', path: '/admin/clients', access: 'admin', handle: adminClients },
  { method: 'POST', path: '/admin/clients/add', access: 'admin', handle: adminAddClient },
  { method: 'POST', path: '/admin/clients/change', access: 'admin', handle: adminChangeClient },
  { method: 'POST', path: '/admin/clients/revoke', access: 'admin', handle: adminRevokeClient },
]

/** `rest` is what follows the path of a route that ends with a slash. */
export type Match =
  | { readonly route: Route; readonly rest: string }
  | { readonly allowed: readonly string[] }
  | undefined

/** The route of a path, compared as it was sent: no decoding, no collapsing, no aliases but `/api/v1` for `/v1`. */
export function matchRoute(method: string, target: string): Match {
  const path = pathOf(target)
  const here = routes.filter(
    (route) =>
      route.path === path ||
      (route.path !== '/' &&
        route.path.endsWith('/') &&
        path.startsWith(route.path) &&
        path.length > route.path.length),
  )
  const route = here.find((each) => each.method === method || (method === 'HEAD' && each.method === 'GET'))
  if (route !== undefined) return { route, rest: path.slice(route.path.length) }
  if (here.length === 0) return undefined
  return { allowed: here.flatMap((each) => (each.method === 'GET' ? ['GET', 'HEAD'] : [each.method])) }
}

/** Without its query, and with the prefixes that clients put in front when their base URL was meant for another gateway. */
function pathOf(target: string): string {
  const query = target.indexOf('?')
  const path = query === -1 ? target : target.slice(0, query)
  if (path.startsWith('/api/v1/')) return path.slice('/api'.length)
  return path.startsWith('/v1/v1/') ? path.slice('/v1'.length) : path
}

/** In whose form an error is told, also where nothing is found at a path. */
export function dialectOf({ url = '', headers }: Pick<IncomingMessage, 'url' | 'headers'>): DialectName {
  const path = pathOf(url)
  const models = path.startsWith('/v1/models') && headers['anthropic-version'] !== undefined
  if (models || path.startsWith('/v1/messages')) return 'anthropic'
  if (path.startsWith('/v1/responses')) return 'openai-responses'
  return path.startsWith('/api/') ? 'ollama' : 'openai-chat'
}
