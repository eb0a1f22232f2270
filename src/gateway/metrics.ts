import { RequestError } from '../errors.ts'
import { noStore, sendBytes } from './respond.ts'
import type { Handler } from './route.ts'

/** GET /metrics: Prometheus text, or OpenMetrics where that is asked for. */
export const metricsPage: Handler = async ({ request, response, context }) => {
  if (context.metrics === undefined) throw new RequestError('not_found', 'this gateway keeps no metrics')
  const { contentType, text } = await context.metrics.exposition(context.core, request.headers.accept ?? '')
  sendBytes(response, 200, Buffer.from(text), [
    'content-type',
    contentType,
    ...noStore,
    'vary',
    'accept',
    ...context.headers,
  ])
}
