import { isRecord, readString, readStrings, type Json } from '../../json.ts'
import { blocksOf, type Block } from '../blocks.ts'
import { errorTypeOf, responsesCodeOf } from '../error-types.ts'
import { costOf, modelName, type Generation } from '../generation.ts'

/** A block and the item it comes in. */
export interface OutputItem {
  readonly id: string
  readonly block: Block
  /** The item while nothing of its text has been sent. */
  readonly opened: Json
  readonly closed: Json
}

const prefixes = { reasoning: 'rs', text: 'msg', call: 'fc' } as const

/** Whether the client asked for summaries; else reasoning comes as its own text. */
export function wantsSummary({ body }: Generation): boolean {
  return isRecord(body['reasoning']) && readString(body['reasoning']['summary']) !== undefined
}

export function textPart(text: string): Json {
  return { type: 'output_text', text, annotations: [], logprobs: [] }
}

function reasoningItem(generation: Generation, text: string): Json {
  const encrypted = readStrings(generation.body['include']).includes('reasoning.encrypted_content')
  return {
    summary: wantsSummary(generation) ? [{ type: 'summary_text', text }] : [],
    ...(wantsSummary(generation) ? {} : { content: [{ type: 'reasoning_text', text }] }),
    ...(encrypted ? { encrypted_content: Buffer.from(text).toString('base64') } : {}),
  }
}

function itemOf(generation: Generation, block: Block, index: number): OutputItem {
  const id = `${prefixes[block.kind]}_${generation.id.slice(-20)}${index}`
  const open = { id, status: 'in_progress' }
  const isCut = block.kind === 'text' && generation.answer.finish === 'length'
  const close = { id, status: isCut ? 'incomplete' : 'completed' }
  switch (block.kind) {
    case 'reasoning':
      return {
        id,
        block,
        opened: { type: 'reasoning', ...open, summary: [] },
        closed: { type: 'reasoning', ...close, ...reasoningItem(generation, block.text) },
      }
    case 'text':
      return {
        id,
        block,
        opened: { type: 'message', ...open, role: 'assistant', content: [] },
        closed: { type: 'message', ...close, role: 'assistant', content: [textPart(block.text)] },
      }
    case 'call': {
      const { name, namespace } = block
      const call = { call_id: block.id, name, ...(namespace === undefined ? {} : { namespace }) }
      return {
        id,
        block,
        opened: { type: 'function_call', ...open, ...call, arguments: '' },
        closed: { type: 'function_call', ...close, ...call, arguments: block.text },
      }
    }
  }
}

/** The items of an answer. */
export function outputItems(generation: Generation): readonly OutputItem[] {
  return blocksOf(generation).map((block, index) => itemOf(generation, block, index))
}

function usageOf({ served, answer, use, usage }: Generation): Json | null {
  if (usage === 'none') return null
  const counts = {
    input_tokens: use.promptTokens,
    output_tokens: use.outputTokens,
    total_tokens: use.promptTokens + use.outputTokens,
  }
  if (usage === 'counts') return counts
  const cost = costOf(served, use)
  return {
    ...counts,
    input_tokens_details: { cached_tokens: use.cachedTokens, cache_write_tokens: 0 },
    output_tokens_details: { reasoning_tokens: answer.reasoningTokens },
    cost: cost.usd,
    is_byok: false,
    cost_details: {
      upstream_inference_cost: null,
      upstream_inference_input_cost: cost.promptUsd,
      upstream_inference_output_cost: cost.outputUsd,
    },
  }
}

/** The response before, or without, an outcome; most of it repeats the request. */
export function responseInProgress({ id, created, served, body }: Generation): Json {
  const asked = (name: string, otherwise: unknown): unknown => body[name] ?? otherwise
  return {
    id,
    object: 'response',
    created_at: created,
    model: modelName(served),
    status: 'in_progress',
    completed_at: null,
    output: [],
    error: null,
    incomplete_details: null,
    tools: asked('tools', []),
    tool_choice: asked('tool_choice', 'auto'),
    parallel_tool_calls: asked('parallel_tool_calls', true),
    max_output_tokens: asked('max_output_tokens', null),
    temperature: asked('temperature', 1),
    top_p: asked('top_p', 1),
    presence_penalty: 0,
    frequency_penalty: 0,
    top_logprobs: 0,
    max_tool_calls: null,
    metadata: asked('metadata', {}),
    background: false,
    previous_response_id: null,
    service_tier: 'auto',
    truncation: 'disabled',
    store: false,
    instructions: asked('instructions', null),
    text: asked('text', { format: { type: 'text' } }),
    reasoning: asked('reasoning', null),
    safety_identifier: null,
    prompt_cache_key: asked('prompt_cache_key', null),
    usage: null,
  }
}

/** The response with its whole output. */
export function finishedResponse(generation: Generation): Json {
  const { answer, created, metadata } = generation
  const isCut = answer.finish === 'length'
  return {
    ...responseInProgress(generation),
    status: isCut ? 'incomplete' : 'completed',
    completed_at: isCut ? null : created,
    output: outputItems(generation).map(({ closed }) => closed),
    incomplete_details: isCut ? { reason: 'max_output_tokens' } : null,
    usage: usageOf(generation),
    ...(metadata === undefined ? {} : { openrouter_metadata: metadata }),
  }
}

/** The error in the few words the Responses API has. */
export function errorField(error: Json): Json {
  return { code: responsesCodeOf(errorTypeOf(error)), message: readString(error['message']) ?? '' }
}

/** The response that failed; the precise kind of the error stands outside of it. */
export function failedResponse(generation: Generation, error: Json): Json {
  const error_type = errorTypeOf(error)
  return { ...responseInProgress(generation), status: 'failed', error: errorField(error), error_type }
}
