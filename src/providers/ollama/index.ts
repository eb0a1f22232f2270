import type { JsonObject } from '../../chat/types.ts'
import type { OutgoingCall, Provider } from '../provider.ts'
import { account } from './account.ts'
import { autoModel, models } from './catalog.ts'
import { hostedName, isHostedFamily } from './families.ts'
import { faultRules, readFailure } from './faults.ts'
import { price } from './prices.ts'
import { thinkingFor } from './thinking.ts'

export { priceVersion } from './prices.ts'

/** Ollama Cloud: cheap capacity paid by the token. Another base URL makes it any Ollama server, without a key. */
export const ollama: Provider = {
  name: 'ollama',
  title: 'Ollama Cloud',
  baseUrl: 'https://ollama.com',
  environment: { key: 'OLLAMA_API_KEY', baseUrl: 'OLLAMA_BASE_URL' },
  keyless: 'nearby',
  // The hosted service takes no notice of `format` (https://docs.ollama.com/capabilities/structured-outputs): it has to
  // be said in words as well, and looked at.
  speaks: {
    ollama: { path: '/api/chat', lacks: (member) => (member('format') ?? null) !== null },
    // The hosted service carries no embedding models (https://github.com/ollama/ollama/issues/14496).
    'ollama-embed': { path: '/api/embed', only: 'elsewhere' },
  },
  authorize: (secret) => ({ authorization: `Bearer ${secret}` }),
  lane: 'paid',
  // Accounts have a ceiling on calls at a time; spreading them keeps every one below it.
  spread: 'evenly',
  auto: { cheapest: ({ needs, catalogue }) => ({ model: autoModel(needs(), catalogue) }) },
  claims: isHostedFamily,
  upstreamModel: hostedName,
  isFree: () => false,
  limits: [
    // How many calls at once depends on the plan: told by /api/me, or learned from a refusal.
    { name: 'in-flight', metric: 'in-flight', lane: 'all' },
    // No ceilings of the service: counted so that its figures (/api/usage) can be held against ours.
    { name: 'day', metric: 'requests', window: 'day', lane: 'all' },
    { name: 'usd-day', metric: 'nano-usd', window: 'day', lane: 'all' },
  ],
  faultRules,
  readFailure,
  account,
  models,
  price,
  patch: thinkAsItCan,
}

function thinkAsItCan({ member, info }: OutgoingCall): JsonObject {
  const think = thinkingFor(member('think'), info)
  return think === undefined ? {} : { think }
}
