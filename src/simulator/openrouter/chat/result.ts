import type { Json } from '../../json.ts'
import { costOf, modelName, type Generation } from '../generation.ts'

/** The usage in the words of the chat API, wrapped as the member it is sent in; empty when none is shown. */
export function usageMember({ served, answer, use, usage }: Generation): Json {
  if (usage === 'none') return {}
  const { promptTokens, cachedTokens, outputTokens } = use
  const counts = {
    prompt_tokens: promptTokens,
    completion_tokens: outputTokens,
    total_tokens: promptTokens + outputTokens,
  }
  if (usage === 'counts') return { usage: counts }
  const cost = costOf(served, use)
  return {
    usage: {
      ...counts,
      cost: cost.usd,
      is_byok: false,
      prompt_tokens_details: {
        cached_tokens: cachedTokens,
        cache_write_tokens: 0,
        audio_tokens: 0,
        video_tokens: 0,
      },
      cost_details: {
        upstream_inference_cost: null,
        upstream_inference_prompt_cost: cost.promptUsd,
        upstream_inference_completions_cost: cost.outputUsd,
      },
      completion_tokens_details: {
        reasoning_tokens: answer.reasoningTokens,
        audio_tokens: 0,
        image_tokens: 0,
      },
    },
  }
}

export function reasoningDetails(text: string): readonly Json[] {
  return text === '' ? [] : [{ type: 'reasoning.text', text, format: 'unknown', index: 0 }]
}

function toolCallsOf({ answer, callIds }: Generation): readonly Json[] {
  return answer.toolCalls.map((call, index) => ({
    id: callIds[index],
    index,
    type: 'function',
    function: { name: call.name, arguments: JSON.stringify(call.arguments) },
  }))
}

/** The whole answer as one body; with an error it is one that failed half way. */
export function writeResult(generation: Generation, error?: Json): string {
  const { id, created, served, answer, metadata } = generation
  const toolCalls = toolCallsOf(generation)
  const content = toolCalls.length > 0 && answer.text === '' ? null : answer.text
  const message = {
    role: 'assistant',
    content: error === undefined ? content : (content ?? '').slice(0, (content ?? '').length >> 1),
    refusal: null,
    reasoning: answer.reasoning === '' ? null : answer.reasoning,
    ...(answer.reasoning === '' ? {} : { reasoning_details: reasoningDetails(answer.reasoning) }),
    ...(toolCalls.length === 0 ? {} : { tool_calls: toolCalls }),
  }
  const finish = error === undefined ? answer.finish : 'error'
  return JSON.stringify({
    id,
    provider: served.provider,
    model: modelName(served),
    object: 'chat.completion',
    created,
    choices: [
      {
        logprobs: null,
        finish_reason: finish,
        native_finish_reason: finish,
        index: 0,
        message,
        ...(error === undefined ? {} : { error }),
      },
    ],
    system_fingerprint: null,
    service_tier: null,
    ...usageMember(generation),
    ...(metadata === undefined ? {} : { openrouter_metadata: metadata }),
  })
}
