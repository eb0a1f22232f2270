import type { Json } from '../json.ts'
import type { Generation } from './generation.ts'
import type { OpenRouterKey, OpenRouterSide } from './side.ts'

const kept = 1000

/** Keeps what `GET /generation` tells about a call; the oldest is forgotten. */
export function rememberGeneration(
  side: OpenRouterSide,
  key: OpenRouterKey,
  generation: Generation,
  facts: {
    readonly streamed: boolean
    readonly cancelled: boolean
    readonly outputTokens: number
    readonly usd: number
  },
): void {
  const { id, created, served, answer, use } = generation
  const data: Json = {
    id,
    upstream_id: null,
    model: served.canonicalSlug,
    provider_name: served.provider,
    router: null,
    created_at: new Date(created * 1000).toISOString(),
    streamed: facts.streamed,
    cancelled: facts.cancelled,
    finish_reason: facts.cancelled ? null : answer.finish,
    native_finish_reason: facts.cancelled ? null : answer.finish,
    tokens_prompt: answer.promptTokens,
    tokens_completion: facts.outputTokens,
    native_tokens_prompt: answer.promptTokens,
    native_tokens_completion: facts.outputTokens,
    native_tokens_reasoning: answer.reasoningTokens,
    native_tokens_cached: use.cachedTokens,
    total_cost: facts.usd,
    usage: facts.usd,
    upstream_inference_cost: null,
    cache_discount: null,
    latency: 0,
    generation_time: 0,
    moderation_latency: null,
    is_byok: false,
    api_type: served.output === 'text' ? 'completions' : 'embeddings',
    app_id: null,
    origin: '',
  }
  side.generations.set(id, { owner: key.owner, data })
  if (side.generations.size <= kept) return
  for (const oldest of side.generations.keys()) {
    side.generations.delete(oldest)
    break
  }
}
