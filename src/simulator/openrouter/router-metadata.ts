import type { Json } from '../json.ts'
import type { OpenRouterModel } from './models.ts'

/** What the routing metadata says of an answered or failed call (https://openrouter.ai/docs/guides/features/router-metadata). */
export function routerMetadata(
  asked: OpenRouterModel,
  served: OpenRouterModel | undefined,
  status: number,
): Json {
  const strategy = asked.routes ?? 'direct'
  const endpoint = { provider: served?.provider ?? asked.provider, model: served?.id ?? asked.id }
  return {
    requested: asked.id,
    strategy,
    region: 'iad',
    summary: `available=1, selected=${served === undefined ? 'none' : endpoint.provider}`,
    attempt: served === undefined ? 0 : 1,
    is_byok: false,
    endpoints: { total: 1, available: [{ ...endpoint, selected: served !== undefined }] },
    ...(served === undefined ? {} : { attempts: [{ ...endpoint, status }] }),
  }
}
