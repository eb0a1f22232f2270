import type { Json } from '../../json.ts'
import type { Frame } from '../../play.ts'
import { blocksOf, streamedPieces, type Block } from '../blocks.ts'
import { modelName, type Generation } from '../generation.ts'
import type { ErrorPlace, StreamStyle } from '../dialect.ts'
import { reasoningDetails, usageMember } from './result.ts'

/** The members every chunk of a stream begins with, as JSON without the closing brace. */
function chunkHead({ id, created, served }: Generation): string {
  const head = {
    id,
    provider: served.provider,
    model: modelName(served),
    object: 'chat.completion.chunk',
    created,
  }
  return JSON.stringify(head).slice(0, -1)
}

function choiceJson(delta: Json, finish: string | null): string {
  return JSON.stringify({
    index: 0,
    delta,
    finish_reason: finish,
    native_finish_reason: finish,
    logprobs: null,
  })
}

function* deltasOf(block: Block, callIndex: number, words: number): Generator<Json> {
  const call = (members: Json): Json => ({
    role: 'assistant',
    content: null,
    tool_calls: [{ index: callIndex, ...members }],
  })
  if (block.kind === 'call') {
    yield call({ id: block.id, type: 'function', function: { name: block.name, arguments: '' } })
  }
  for (const piece of streamedPieces(block, words)) {
    if (block.kind === 'call') yield call({ type: 'function', function: { arguments: piece } })
    else if (block.kind === 'text') {
      yield { role: 'assistant', content: piece, reasoning: null, reasoning_details: [] }
    } else {
      yield { role: 'assistant', content: '', reasoning: piece, reasoning_details: reasoningDetails(piece) }
    }
  }
}

/** The stream of an answer: chunks, the finish, the usage, the end mark. */
export function* writeChatFrames(generation: Generation, style: StreamStyle): Generator<Frame> {
  const { answer, metadata } = generation
  const head = chunkHead(generation)
  const chunk = (choices: string, rest = ''): string => `data: ${head},"choices":[${choices}]${rest}}\n\n`
  let callIndex = 0
  for (const block of blocksOf(generation)) {
    for (const delta of deltasOf(block, callIndex, style.wordsPerChunk)) {
      yield { kind: 'token', text: chunk(choiceJson(delta, null)) }
    }
    if (block.kind === 'call') callIndex += 1
  }
  const empty = { role: 'assistant', content: '' }
  yield { kind: 'finish', text: chunk(choiceJson(empty, answer.finish)) }
  const last = {
    ...usageMember(generation),
    ...(metadata === undefined ? {} : { openrouter_metadata: metadata }),
  }
  if (Object.keys(last).length > 0) {
    const choices = style.usageChunk === 'empty-choices' ? '' : choiceJson(empty, null)
    yield { kind: 'finish', text: chunk(choices, `,${JSON.stringify(last).slice(1, -1)}`) }
  }
  yield { kind: 'done', text: 'data: [DONE]\n\n' }
}

/** How a stream says that it failed: at the top level, in the choice, or before any choice was made. */
export function writeChatError(generation: Generation, error: Json, place: ErrorPlace): string {
  const failed = { index: 0, delta: { role: 'assistant', content: '' }, finish_reason: 'error' }
  const inChoice = place === 'choice' ? { ...failed, error } : failed
  const choices = place === 'unopened' ? '' : JSON.stringify({ ...inChoice, native_finish_reason: 'error' })
  const top = place === 'choice' ? '' : `,"error":${JSON.stringify(error)}`
  return `data: ${chunkHead(generation)}${top},"choices":[${choices}]}\n\n`
}
