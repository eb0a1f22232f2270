import type { ChatRequest, JsonObject } from '../../chat/types.ts'
import type { Loss } from '../dialect.ts'
import { asObject } from '../lenient.ts'

// Members and options that the neutral request has, and settings of a machine that holds the model in its memory.
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
  'logprobs',
  'top_logprobs',
  'options.temperature',
  'options.top_p',
  'options.top_k',
  'options.min_p',
  'options.repeat_penalty',
  'options.presence_penalty',
  'options.frequency_penalty',
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

/** What an Ollama request loses in another dialect. */
export function untold(request: ChatRequest): readonly Loss[] {
  return lossesOf(request.extra?.ollama ?? {})
}

/** What is lost of the members that had no neutral form; `said` names further ones that need not be told. */
export function lossesOf(kept: JsonObject, said: readonly string[] = []): readonly Loss[] {
  const options = asObject(kept.options) ?? {}
  const names = [...Object.keys(options).map((name) => `options.${name}`), ...Object.keys(kept)]
  return names.filter((name) => !silent.has(name) && !said.includes(name)).map((name) => `${name} dropped`)
}
