import type { ChatRequest, Json, JsonObject } from '../../chat/types.ts'
import type { Loss } from '../dialect.ts'
import { asObject } from '../lenient.ts'

// Ollama's names for sampling controls that OpenRouter takes as its own extension of this dialect
// (https://openrouter.ai/docs/api/reference/parameters).
const optionNames: ReadonlyMap<string, string> = new Map([
  ['top_k', 'top_k'],
  ['min_p', 'min_p'],
  ['repeat_penalty', 'repetition_penalty'],
  ['presence_penalty', 'presence_penalty'],
  ['frequency_penalty', 'frequency_penalty'],
])

// Settings of a machine that holds the model in its memory, and options the neutral request has: no loss for the client.
const silent: ReadonlySet<string> = new Set([
  'keep_alive',
  'truncate',
  'shift',
  'model',
  'messages',
  'stream',
  'tools',
  'think',
  'format',
  'options',
  'options.temperature',
  'options.top_p',
  'options.seed',
  'options.stop',
  'options.num_predict',
  'options.num_ctx',
  'options.num_batch',
  'options.num_gpu',
  'options.num_thread',
  'options.num_keep',
  'options.main_gpu',
  'options.use_mmap',
  'options.use_mlock',
  'options.low_vram',
  'options.numa',
])

/** Members that another dialect kept and this one can say too. The rest is reported as lost. */
export function carryForeign(request: ChatRequest, lost: Loss[]): Record<string, Json> {
  const carried: Record<string, Json> = {}
  const { 'openai-chat': _own, ollama, ...others } = request.extra ?? {}
  if (ollama !== undefined) carryOllama(ollama, carried, lost)
  for (const kept of Object.values(others)) for (const name in kept) lost.push(`${name} dropped`)
  return carried
}

function carryOllama(kept: JsonObject, carried: Record<string, Json>, lost: Loss[]): void {
  const options = asObject(kept.options) ?? {}
  for (const name in options) {
    const value = options[name] ?? null
    const ours = optionNames.get(name)
    if (ours !== undefined && typeof value === 'number') carried[ours] = value
    else if (value !== null && !silent.has(`options.${name}`)) lost.push(`options.${name} dropped`)
  }
  for (const name in kept) {
    const value = kept[name] ?? null
    if (name === 'logprobs' || name === 'top_logprobs') carried[name] = value
    else if (value !== null && !silent.has(name)) lost.push(`${name} dropped`)
  }
}
