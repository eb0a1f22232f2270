import { dayMs } from '../windows.ts'
import type { OpenRouterModelOptions } from './options.ts'

/** A model as the simulator knows it. */
export interface OpenRouterModel {
  readonly id: string
  readonly canonicalSlug: string
  readonly provider: string
  readonly isFree: boolean
  readonly inputModalities: readonly string[]
  readonly supportedParameters: readonly string[]
  readonly promptUsd: number
  /** For a token of the prompt that was in the upstream's cache. */
  readonly cachedUsd: number
  readonly completionUsd: number
  readonly output: 'text' | 'embeddings'
  /** The length of its vectors, if it makes any. */
  readonly dimensions: number | undefined
  readonly maxOutputTokens: number
  /** Epoch milliseconds from which it is gone. */
  readonly expiresAt: number
  readonly harnessOnly: boolean
  readonly classifier: boolean
  readonly routes: 'free' | 'auto' | undefined
  /** Its entry in the lists. */
  readonly entry: ModelEntry
}

export type ModelEntry = Readonly<Record<string, unknown>>

const text = ['text']
const textAndImage = ['text', 'image']
const sampling = ['max_tokens', 'temperature', 'top_p', 'seed', 'stop']
const tools = [...sampling, 'tools', 'tool_choice', 'reasoning', 'include_reasoning']
const all = [...tools, 'response_format', 'structured_outputs']

/** Ids and sizes as public captures of autumn 2026 name them; prices of the paid ones are round numbers. */
export const defaultModels: readonly OpenRouterModelOptions[] = [
  {
    id: 'openrouter/free',
    canonicalSlug: 'openrouter/free',
    contextLength: 200_000,
    inputModalities: textAndImage,
    supportedParameters: [...sampling, 'tools', 'tool_choice', 'response_format', 'structured_outputs'],
    routes: 'free',
  },
  {
    id: 'openrouter/auto',
    canonicalSlug: 'openrouter/auto',
    contextLength: 2_000_000,
    inputModalities: textAndImage,
    supportedParameters: all,
    pricing: { prompt: '-1', completion: '-1' },
    routes: 'auto',
  },
  {
    id: 'nvidia/nemotron-3-ultra-550b-a55b:free',
    contextLength: 1_000_000,
    supportedParameters: all,
    provider: 'Nvidia',
  },
  {
    id: 'nvidia/nemotron-3-super-120b-a12b:free',
    contextLength: 262_144,
    supportedParameters: tools,
    provider: 'Nvidia',
  },
  {
    id: 'google/gemma-4-31b-it:free',
    contextLength: 262_144,
    inputModalities: textAndImage,
    supportedParameters: all,
    provider: 'Google AI Studio',
  },
  {
    id: 'cohere/north-mini-code:free',
    contextLength: 256_000,
    supportedParameters: tools,
    provider: 'Cohere',
  },
  {
    id: 'poolside/laguna-xs-2.1:free',
    contextLength: 262_144,
    supportedParameters: all,
    provider: 'Poolside',
  },
  {
    id: 'liquid/lfm-2.5-2.6b:free',
    contextLength: 65_536,
    supportedParameters: sampling,
    provider: 'Liquid',
  },
  {
    id: 'inclusionai/ling-3.1-flash',
    contextLength: 262_144,
    supportedParameters: tools,
    provider: 'InclusionAI',
  },
  {
    id: 'dots-studio/dots-3-note-preview:free',
    contextLength: 131_072,
    supportedParameters: tools,
    provider: 'Dots Studio',
    expiresInDays: 7,
  },
  {
    id: 'thinkingmachines/inkling:free',
    contextLength: 262_144,
    supportedParameters: tools,
    provider: 'Thinking Machines',
    harnessOnly: true,
  },
  {
    id: 'nvidia/nemotron-3.5-content-safety:free',
    contextLength: 131_072,
    supportedParameters: sampling,
    provider: 'Nvidia',
    classifier: true,
  },
  {
    id: 'google/gemma-4-31b-it',
    contextLength: 262_144,
    inputModalities: textAndImage,
    supportedParameters: all,
    provider: 'DeepInfra',
    pricing: { prompt: '0.00000014', completion: '0.0000004' },
  },
  {
    id: 'anthropic/claude-haiku-4.5',
    canonicalSlug: 'anthropic/claude-4.5-haiku-20251001',
    contextLength: 200_000,
    maxOutputTokens: 64_000,
    inputModalities: textAndImage,
    supportedParameters: all,
    provider: 'Anthropic',
    pricing: { prompt: '0.000001', completion: '0.000005', input_cache_read: '0.0000001' },
  },
  {
    id: 'nvidia/llama-nemotron-embed-vl-1b-v2:free',
    contextLength: 131_072,
    inputModalities: textAndImage,
    supportedParameters: [],
    provider: 'Nvidia',
    dimensions: 2048,
  },
  {
    id: 'openai/text-embedding-3-small',
    contextLength: 8192,
    supportedParameters: [],
    provider: 'OpenAI',
    pricing: { prompt: '0.00000002', completion: '0' },
    dimensions: 1536,
  },
]

function titleOf(id: string): string {
  const [author = '', slug = ''] = id.split('/')
  return `${author}: ${slug.replace(/:free$/, ' (free)')}`
}

/** Builds a model and its list entry (https://openrouter.ai/openapi.yaml, schema Model). */
export function createModel(options: OpenRouterModelOptions, now: number): OpenRouterModel {
  const { id } = options
  const base = id.replace(/:free$/, '')
  const canonicalSlug = options.canonicalSlug ?? `${base}-20260617`
  const pricing = options.pricing ?? { prompt: '0', completion: '0', request: '0', image: '0' }
  const inputModalities = options.inputModalities ?? text
  const supportedParameters = options.supportedParameters ?? all
  const contextLength = options.contextLength ?? 131_072
  const maxOutputTokens = options.maxOutputTokens ?? null
  const expiresAt = options.expiresInDays === undefined ? Infinity : now + options.expiresInDays * dayMs
  const reasons = supportedParameters.includes('reasoning')
  const output = options.dimensions === undefined ? 'text' : 'embeddings'
  const entry: ModelEntry = {
    id,
    canonical_slug: canonicalSlug,
    name: options.name ?? titleOf(id),
    created: 1_781_654_400,
    description: `A simulated stand-in for ${id}.`,
    context_length: contextLength,
    hugging_face_id: null,
    knowledge_cutoff: null,
    expiration_date: Number.isFinite(expiresAt) ? new Date(expiresAt).toISOString().slice(0, 10) : null,
    architecture: {
      modality: `${inputModalities.join('+')}->${output}`,
      input_modalities: inputModalities,
      output_modalities: [output],
      tokenizer: options.routes === undefined ? 'Other' : 'Router',
      instruct_type: null,
    },
    pricing,
    top_provider: {
      context_length: contextLength,
      max_completion_tokens: maxOutputTokens,
      is_moderated: false,
    },
    per_request_limits: null,
    supported_parameters: supportedParameters,
    default_parameters: { temperature: null, top_p: null, frequency_penalty: null },
    ...(reasons
      ? { reasoning: { mandatory: false, default_enabled: false, supports_max_tokens: true } }
      : {}),
    supported_voices: null,
    links: { details: `/api/v1/models/${canonicalSlug}/endpoints` },
  }
  const promptUsd = Number(pricing['prompt'] ?? 0)
  const completionUsd = Number(pricing['completion'] ?? 0)
  return {
    id,
    canonicalSlug,
    provider: options.provider ?? 'Simulated',
    isFree: promptUsd === 0 && completionUsd === 0 && Number(pricing['request'] ?? 0) === 0,
    inputModalities,
    supportedParameters,
    promptUsd,
    cachedUsd: Number(pricing['input_cache_read'] ?? promptUsd),
    completionUsd,
    output,
    dimensions: options.dimensions,
    maxOutputTokens: output === 'embeddings' ? 0 : (maxOutputTokens ?? contextLength),
    expiresAt,
    harnessOnly: options.harnessOnly ?? false,
    classifier: options.classifier ?? false,
    routes: options.routes,
    entry,
  }
}

/** What a request needs of the model that answers it. */
export interface Needs {
  readonly tools: boolean
  readonly image: boolean
  readonly structured: boolean
}

export function meetsNeeds(model: OpenRouterModel, needs: Needs): boolean {
  const can = (parameter: string): boolean => model.supportedParameters.includes(parameter)
  if (needs.tools && !can('tools')) return false
  if (needs.image && !model.inputModalities.includes('image')) return false
  return !needs.structured || can('structured_outputs') || can('response_format')
}
