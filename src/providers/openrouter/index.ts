import type { ModelInfo, Provider } from '../provider.ts'
import { account } from './account.ts'
import { freeRouter, models, picksModel, unlisted } from './catalog.ts'
import { faultRules, readFailure } from './faults.ts'

/** OpenRouter: many models behind one key, some free within a daily number of requests per account. */
export const openrouter: Provider = {
  name: 'openrouter',
  title: 'OpenRouter',
  baseUrl: 'https://openrouter.ai/api/v1',
  environment: { key: 'OPENROUTER_API_KEY', baseUrl: 'OPENROUTER_BASE_URL' },
  speaks: { 'openai-chat': { path: '/chat/completions' } },
  authorize: (secret) => ({ authorization: `Bearer ${secret}` }),
  lane: 'free',
  spread: 'in-order',
  // The router picks among the free models that meet the request's needs (docs: free-router).
  autoModel: () => freeRouter,
  claims: (model) => model.includes('/'),
  unlisted,
  upstreamModel: (model) => model.trim(),
  picksModel,
  isFree,
  limits: [
    { name: 'minute', metric: 'requests', window: 'minute', max: 20, lane: 'free' },
    // 50 or 1000, by credits ever bought: told by GET /key and by the refusal.
    { name: 'day', metric: 'requests', window: 'day', lane: 'free' },
  ],
  faultRules,
  readFailure,
  account,
  models,
}

function isFree(model: string, info: ModelInfo | undefined): boolean {
  const id = model.trim()
  return id.endsWith(':free') || id === freeRouter || info?.free === true
}
