import type { Json } from '../../json.ts'
import type { Frame } from '../../play.ts'
import { blocksOf, streamedPieces, type Block } from '../blocks.ts'
import type { Generation } from '../generation.ts'
import type { StreamStyle } from '../dialect.ts'
import { isNative, messageHead, signatureOf, stopMembers, usageOf } from './result.ts'

/** One event; Anthropic's own clients drop events without their `event:` line. */
export function eventText(event: Json, style: StreamStyle): string {
  const line = style.quirk === 'no-event-lines' ? '' : `event: ${String(event['type'])}\n`
  return `${line}data: ${JSON.stringify(event)}\n\n`
}

function emptyBlock(block: Block): Json {
  switch (block.kind) {
    case 'reasoning':
      return { type: 'thinking', thinking: '', signature: '' }
    case 'text':
      return { type: 'text', text: '', citations: [] }
    case 'call':
      return { type: 'tool_use', id: block.id, caller: { type: 'direct' }, name: block.name, input: {} }
  }
}

function deltaOf(block: Block, piece: string): Json {
  switch (block.kind) {
    case 'reasoning':
      return { type: 'thinking_delta', thinking: piece }
    case 'text':
      return { type: 'text_delta', text: piece }
    case 'call':
      return { type: 'input_json_delta', partial_json: piece }
  }
}

/**
 * The message as it starts. Models of others tell their tokens only at the end; until then the counts are zero
 * (https://github.com/vercel/ai/issues/17326 has the same of another gateway).
 */
function openingOf(generation: Generation): Json {
  const { served, use } = generation
  const native = isNative(generation)
  const counts = native
    ? { input_tokens: use.promptTokens - use.cachedTokens, output_tokens: 1 }
    : { input_tokens: 0, output_tokens: 0 }
  const cached = native && use.cachedTokens > 0 ? use.cachedTokens : null
  return {
    ...messageHead(generation),
    content: [],
    stop_reason: null,
    stop_details: null,
    stop_sequence: null,
    usage: {
      ...counts,
      output_tokens_details: null,
      cache_creation_input_tokens: null,
      cache_read_input_tokens: cached,
      cache_creation: null,
      inference_geo: null,
      server_tool_use: null,
      service_tier: null,
      speed: 'standard',
    },
    provider: served.provider,
  }
}

/** The stream of an answer: the message, its blocks one after the other, what it cost, the end mark. */
export function* writeMessageFrames(generation: Generation, style: StreamStyle): Generator<Frame> {
  const frame = (kind: Frame['kind'], event: Json): Frame => ({ kind, text: eventText(event, style) })
  yield frame('part', { type: 'message_start', message: openingOf(generation) })
  yield frame('part', { type: 'ping' })
  const signature = signatureOf(generation)
  for (const [index, block] of blocksOf(generation).entries()) {
    // The name of a tool is content already, as it is in the chat API's first delta of a call.
    const opening = block.kind === 'call' ? 'token' : 'part'
    yield frame(opening, { type: 'content_block_start', index, content_block: emptyBlock(block) })
    for (const piece of streamedPieces(block, style.wordsPerChunk)) {
      yield frame('token', { type: 'content_block_delta', index, delta: deltaOf(block, piece) })
    }
    if (block.kind === 'reasoning' && signature !== '') {
      const delta = { type: 'signature_delta', signature }
      yield frame('part', { type: 'content_block_delta', index, delta })
    }
    yield frame('part', { type: 'content_block_stop', index })
  }
  yield frame('finish', {
    type: 'message_delta',
    delta: { container: null, ...stopMembers(generation) },
    ...(generation.usage === 'none' ? {} : { usage: usageOf(generation) }),
    context_management: null,
  })
  const { metadata } = generation
  const routing = metadata === undefined ? {} : { openrouter_metadata: metadata }
  yield frame('done', { type: 'message_stop', ...routing })
  // OpenRouter appends it to a message that has ended (https://github.com/NVIDIA-NeMo/Switchyard/pull/136).
  if (style.extraDone) yield { kind: 'done', text: 'event: data\ndata: [DONE]\n\n' }
}
