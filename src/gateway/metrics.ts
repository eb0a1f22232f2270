import type { RouterCore } from '../routing/core.ts'
import { RequestError } from '../errors.ts'
import { sendBytes } from './respond.ts'
import type { Handler } from './route.ts'

/** Who puts the router's figures into words for a scraper. */
export interface MetricsSource {
  exposition(
    core: RouterCore,
    accept: string,
  ): Promise<{ readonly contentType: string; readonly text: string }>
}

/** GET /metrics: Prometheus text, or OpenMetrics where that is asked for. */
export const metricsPage: Handler = async ({ request, response, context }) => {
  if (context.metrics === undefined) throw new RequestError('not_found', 'this gateway keeps no metrics')
  const { contentType, text } = await context.metrics.exposition(context.core, request.headers.accept ?? '')
  sendBytes(response, 200, Buffer.from(text), [
    'content-type',
    contentType,
    'cache-control',
    'no-store',
    'vary',
    'accept',
    ...context.headers,
  ])
}
