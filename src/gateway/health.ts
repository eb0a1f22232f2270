import { sendJson } from './respond.ts'
import type { Handler } from './route.ts'

/** The process is alive. */
export const healthz: Handler = ({ response }) => sendJson(response, 200, { status: 'ok' })

/** Whether requests would be served: the store is open and the gateway is not shutting down. */
export const readyz: Handler = ({ response, context }) => {
  const ready = context.core.healthy() && !context.draining()
  sendJson(response, ready ? 200 : 503, {
    status: ready ? 'ready' : context.draining() ? 'draining' : 'starting',
  })
}
