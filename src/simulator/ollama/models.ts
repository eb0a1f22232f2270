import type { OllamaModelOptions } from './options.ts'

type Ability = 'tools' | 'thinking' | 'vision'

function model(
  name: string,
  contextLength: number,
  abilities: string,
  prices: readonly [number, number, number],
  more: { readonly peaks?: boolean; readonly extraUsage?: boolean } = {},
): OllamaModelOptions {
  const capabilities = abilities.split(' ') as Ability[]
  const [inputPrice, cachedPrice, outputPrice] = prices
  return { name, contextLength, capabilities, inputPrice, cachedPrice, outputPrice, ...more }
}

/**
 * The models of autumn 2026 with the prices of https://ollama.com/pricing as copied in
 * https://github.com/anomalyco/models.dev/pull/7108.
 */
export const defaultModels: readonly OllamaModelOptions[] = [
  model('kimi-k3', 1_048_576, 'tools thinking vision', [3, 0.3, 15], { extraUsage: true }),
  model('kimi-k2.7-code', 262_144, 'tools thinking vision', [0.95, 0.19, 4]),
  model('kimi-k2.6', 262_144, 'tools thinking vision', [0.95, 0.16, 4]),
  model('glm-5.3', 1_000_000, 'tools thinking', [1.4, 0.26, 4.4]),
  model('glm-5.3-flash', 262_144, 'tools thinking', [0.15, 0.03, 0.5]),
  model('glm-5.2', 1_000_000, 'tools thinking', [1.4, 0.26, 4.4]),
  model('deepseek-v4.1-flash', 1_048_576, 'tools thinking', [0.15, 0.003, 0.6]),
  model('deepseek-v4-pro:0813', 1_048_576, 'tools thinking', [0.66, 0.022, 1.98], { peaks: true }),
  model('minimax-m3', 524_288, 'tools thinking vision', [0.6, 0.12, 2.4]),
  model('minimax-m2.7', 204_800, 'tools thinking', [0.3, 0.06, 1.2]),
  model('gpt-oss:120b', 131_072, 'tools thinking', [0.15, 0.014, 0.6]),
  model('gpt-oss:20b', 131_072, 'tools thinking', [0.07, 0.035, 0.3]),
  model('gemma4:31b', 262_144, 'tools thinking vision', [0.14, 0.05, 0.4]),
  model('mistral-large-3:675b', 262_144, 'tools vision', [0.5, 0.5, 1.5]),
  model('nemotron-3-ultra', 262_144, 'tools thinking', [0.1, 0.1, 3]),
  model('nemotron-3-super', 262_144, 'tools thinking', [0.1, 0.1, 0.6]),
  model('nemotron-3-nano:30b', 262_144, 'tools thinking', [0.06, 0.06, 0.24]),
]

/** What the free plan could call before it ended (https://github.com/tashfeenahmed/freellmapi/issues/767). */
export const freePlanModels: readonly string[] = [
  'gemma4:31b',
  'gpt-oss:120b',
  'gpt-oss:20b',
  'minimax-m3',
  'nemotron-3-nano:30b',
  'nemotron-3-super',
  'nemotron-3-ultra',
]

/** The hosted service takes the local names too: `kimi-k3:cloud`, `gpt-oss:120b-cloud`. */
export function hostedName(name: string): string {
  return name.replace(/(:|-)cloud$/i, '')
}

export interface TokenUse {
  /** Cached ones included. */
  readonly promptTokens: number
  readonly cachedTokens: number
  readonly outputTokens: number
}

function isPeak(now: number): boolean {
  const date = new Date(now)
  const day = date.getUTCDay()
  const hour = date.getUTCHours()
  return day >= 1 && day <= 5 && hour >= 12 && hour < 18
}

/** What a request costs at a moment. */
export function costUsd(priced: OllamaModelOptions, use: TokenUse, now: number): number {
  const { inputPrice, cachedPrice, outputPrice } = priced
  const paidTokens = use.promptTokens - use.cachedTokens
  const perMillion = paidTokens * inputPrice + use.cachedTokens * cachedPrice + use.outputTokens * outputPrice
  return (perMillion / 1e6) * (priced.peaks === true && isPeak(now) ? 2 : 1)
}

const modifiedAt = '2026-09-12T00:00:00Z'

/** The family's own name for itself; it can hold a dot (https://github.com/ollama/ollama/issues/16872). */
function architectureOf(name: string): string {
  const [, family, version] = /^([a-z]+)-?(\d[\d.]*)/.exec(name) ?? []
  return family === undefined || version === undefined ? name.replace(/[:-].*$/, '') : family + version
}

export function canEmbed({ capabilities }: OllamaModelOptions): boolean {
  return capabilities?.includes('embedding') === true
}

export function vectorLength(shown: OllamaModelOptions): number {
  return shown.embeddingLength ?? (canEmbed(shown) ? 768 : 4096)
}

/** The `think` values a model takes (https://docs.ollama.com/capabilities/thinking). */
function thinkingOf({ name, capabilities }: OllamaModelOptions): object {
  if (name.startsWith('gpt-oss')) return { values: ['low', 'medium', 'high'], default: 'medium' }
  return capabilities?.includes('thinking') === true
    ? { values: [false, true], default: true }
    : { values: [false], default: false }
}

/** GET /api/tags. Hosted entries have mostly empty details (https://github.com/ollama/ollama/issues/16872). */
export function writeTags(models: Iterable<OllamaModelOptions>): string {
  const entries = Array.from(models, ({ name }) => ({
    name,
    model: name,
    modified_at: modifiedAt,
    size: 0,
    digest: Buffer.from(name).toString('hex').padEnd(64, '0').slice(0, 64),
    details: {
      parent_model: '',
      format: '',
      family: '',
      families: null,
      parameter_size: '',
      quantization_level: '',
    },
  }))
  return JSON.stringify({ models: entries })
}

/** POST /api/show, as a cloud answer looks (https://github.com/can1357/oh-my-pi/issues/928). */
export function writeShow(shown: OllamaModelOptions, showsThinking: boolean): string {
  const architecture = architectureOf(shown.name)
  return JSON.stringify({
    details: {
      parent_model: shown.name,
      format: '',
      family: architecture,
      families: null,
      parameter_size: '31000000000',
      quantization_level: 'FP8',
    },
    model_info: {
      [`${architecture}.context_length`]: shown.contextLength ?? 131_072,
      [`${architecture}.embedding_length`]: vectorLength(shown),
      'general.architecture': architecture,
      'general.parameter_count': 31_000_000_000,
    },
    capabilities: canEmbed(shown) ? ['embedding'] : ['completion', ...(shown.capabilities ?? [])],
    ...(showsThinking ? { thinking: thinkingOf(shown) } : {}),
    modified_at: modifiedAt,
  })
}

export function openAiEntry({ name }: OllamaModelOptions): object {
  return {
    id: name,
    object: 'model',
    created: Date.parse(modifiedAt) / 1000,
    owned_by: 'ollama',
  }
}
