import type { Json } from '../../json.ts'
import { blocksOf, type Block } from '../blocks.ts'
import { costOf, modelName, type Generation } from '../generation.ts'

/** Only Anthropic's own models sign their thinking, and say at once what the prompt was. */
export function isNative({ served }: Generation): boolean {
  return served.provider === 'Anthropic'
}

/** What a thinking block is signed with: an opaque text; empty from models of others. */
export function signatureOf(generation: Generation): string {
  return isNative(generation) ? Buffer.from(`thinking of ${generation.id}`).toString('base64') : ''
}

/** The members that say why the answer ended. */
export function stopMembers({ answer }: Generation): Json {
  const reasons = { stop: 'end_turn', length: 'max_tokens', tool_calls: 'tool_use' }
  return {
    stop_reason: answer.stoppedBy === null ? reasons[answer.finish] : 'stop_sequence',
    stop_details: null,
    stop_sequence: answer.stoppedBy,
  }
}

/** Tokens in Anthropic's words, where the input is what was not in the cache, with OpenRouter's price beside them. */
export function usageOf({ served, answer, use, usage }: Generation): Json {
  const counts = {
    input_tokens: use.promptTokens - use.cachedTokens,
    output_tokens: use.outputTokens,
  }
  if (usage === 'counts') return counts
  const cost = costOf(served, use)
  return {
    ...counts,
    output_tokens_details: answer.reasoningTokens > 0 ? { thinking_tokens: answer.reasoningTokens } : null,
    cache_creation_input_tokens: null,
    cache_read_input_tokens: use.cachedTokens > 0 ? use.cachedTokens : null,
    cache_creation: null,
    server_tool_use: null,
    service_tier: null,
    speed: 'standard',
    cost: cost.usd,
    is_byok: false,
    cost_details: {
      upstream_inference_cost: null,
      upstream_inference_prompt_cost: cost.promptUsd,
      upstream_inference_completions_cost: cost.outputUsd,
    },
  }
}

function contentBlock(block: Block, signature: string): Json {
  switch (block.kind) {
    case 'reasoning':
      return { type: 'thinking', thinking: block.text, signature }
    case 'text':
      return { type: 'text', text: block.text, citations: [] }
    case 'call':
      return {
        type: 'tool_use',
        id: block.id,
        caller: { type: 'direct' },
        name: block.name,
        input: JSON.parse(block.text) as unknown,
      }
  }
}

/** The members a message begins with, whole or streamed. */
export function messageHead({ id, served }: Generation): Json {
  return { id, type: 'message', role: 'assistant', container: null, model: modelName(served) }
}

/** The whole answer as one body. */
export function writeMessage(generation: Generation): string {
  const { served, metadata, usage } = generation
  const signature = signatureOf(generation)
  return JSON.stringify({
    ...messageHead(generation),
    content: blocksOf(generation).map((block) => contentBlock(block, signature)),
    ...stopMembers(generation),
    ...(usage === 'none' ? {} : { usage: usageOf(generation) }),
    provider: served.provider,
    ...(metadata === undefined ? {} : { openrouter_metadata: metadata }),
  })
}
