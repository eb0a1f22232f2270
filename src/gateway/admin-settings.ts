import { noStore, sendJson } from './respond.ts'
import type { Handler } from './route.ts'

/** GET /admin/settings: what is set, without any secret, for people to look at. */
export const adminSettings: Handler = ({ response, context }) => {
  const { settings, startedAt, now, address, guard, headers } = context
  const answer = {
    ...settings(),
    startedAt: new Date(startedAt).toISOString(),
    uptimeSeconds: Math.floor((now() - startedAt) / 1000),
    address: address(),
    clients: [...guard.clients.values()].map(({ name, freeOnly }) => ({ name, freeOnly })),
  }
  sendJson(response, 200, answer, [...noStore, ...headers])
}
