import type { Json } from '../../json.ts'
import type { Frame, Sent } from '../../play.ts'
import { streamedPieces } from '../blocks.ts'
import type { Generation } from '../generation.ts'
import type { ErrorPlace, StreamStyle } from '../dialect.ts'
import {
  errorField,
  failedResponse,
  finishedResponse,
  outputItems,
  responseInProgress,
  textPart,
  wantsSummary,
  type OutputItem,
} from './result.ts'

function eventText(event: Json, style: StreamStyle): string {
  const line = style.quirk === 'no-event-lines' ? '' : `event: ${String(event['type'])}\n`
  return `${line}data: ${JSON.stringify(event)}\n\n`
}

/** How the text of an item travels: the part that opens before it, the events that carry and end it. */
interface TextEvents {
  readonly place: Json
  readonly part: { readonly added: string; readonly done: string; of(text: string): Json } | undefined
  readonly delta: string
  readonly done: string
  readonly member: string
}

function eventsOf(generation: Generation, { block }: OutputItem): TextEvents {
  const contentPart = { added: 'response.content_part.added', done: 'response.content_part.done' }
  if (block.kind === 'call') {
    const events = 'response.function_call_arguments'
    const member = 'arguments'
    return { place: {}, part: undefined, delta: `${events}.delta`, done: `${events}.done`, member }
  }
  if (block.kind === 'text') {
    return {
      place: { content_index: 0 },
      part: { ...contentPart, of: textPart },
      delta: 'response.output_text.delta',
      done: 'response.output_text.done',
      member: 'text',
    }
  }
  if (wantsSummary(generation)) {
    const part = 'response.reasoning_summary_part'
    return {
      place: { summary_index: 0 },
      part: { added: `${part}.added`, done: `${part}.done`, of: (text) => ({ type: 'summary_text', text }) },
      delta: 'response.reasoning_summary_text.delta',
      done: 'response.reasoning_summary_text.done',
      member: 'text',
    }
  }
  return {
    place: { content_index: 0 },
    part: { ...contentPart, of: (text) => ({ type: 'reasoning_text', text }) },
    delta: 'response.reasoning_text.delta',
    done: 'response.reasoning_text.done',
    member: 'text',
  }
}

/** Writes the events of one stream, numbered from zero. */
class EventWriter {
  readonly #style: StreamStyle
  #number = 0

  constructor(style: StreamStyle) {
    this.#style = style
  }

  frame(kind: Frame['kind'], type: string, members: Json): Frame {
    const event = { type, ...members, sequence_number: this.#number }
    this.#number += 1
    return { kind, text: eventText(event, this.#style) }
  }
}

function* openItem(
  writer: EventWriter,
  generation: Generation,
  item: OutputItem,
  index: number,
  words: number,
): Generator<Frame> {
  const { id, block, opened } = item
  const { place, part, delta } = eventsOf(generation, item)
  const where = { item_id: id, output_index: index, ...place }
  // Text events carry log probabilities even when there are none.
  const logprobs = block.kind === 'text' ? { logprobs: [] } : {}
  const opening = block.kind === 'call' ? 'token' : 'part'
  yield writer.frame(opening, 'response.output_item.added', { output_index: index, item: opened })
  if (part !== undefined) yield writer.frame('part', part.added, { ...where, part: part.of('') })
  for (const piece of streamedPieces(block, words)) {
    yield writer.frame('token', delta, { ...where, delta: piece, ...logprobs })
  }
}

function* closeItem(
  writer: EventWriter,
  generation: Generation,
  item: OutputItem,
  index: number,
  isLast: boolean,
): Generator<Frame> {
  const { id, block, closed } = item
  const { place, part, done, member } = eventsOf(generation, item)
  const where = { item_id: id, output_index: index, ...place }
  const name = block.kind === 'call' ? { name: block.name } : {}
  const logprobs = block.kind === 'text' ? { logprobs: [] } : {}
  yield writer.frame('part', done, { ...where, ...name, [member]: block.text, ...logprobs })
  if (part !== undefined) yield writer.frame('part', part.done, { ...where, part: part.of(block.text) })
  const finish = isLast ? 'finish' : 'part'
  yield writer.frame(finish, 'response.output_item.done', { output_index: index, item: closed })
}

/** The stream of an answer: the response as it begins, its items one after the other, the response as it ended. */
export function* writeResponseFrames(generation: Generation, style: StreamStyle): Generator<Frame> {
  const writer = new EventWriter(style)
  const response = responseInProgress(generation)
  yield writer.frame('part', 'response.created', { response })
  yield writer.frame('part', 'response.in_progress', { response })
  const items = outputItems(generation)
  // Reasoning was seen to close only after the item that follows it (https://github.com/earendil-works/pi/pull/4171).
  const late: number[] = []
  for (const [index, item] of items.entries()) {
    yield* openItem(writer, generation, item, index, style.wordsPerChunk)
    const isLast = index === items.length - 1
    if (style.quirk === 'late-reasoning' && item.block.kind === 'reasoning' && !isLast) late.push(index)
    else yield* closeItem(writer, generation, item, index, isLast && late.length === 0)
  }
  for (const index of late) yield* closeItem(writer, generation, items[index]!, index, true)
  const finished = finishedResponse(generation)
  // Some servers end with a bare response (https://github.com/decolua/9router/issues/705).
  const { output: _output, usage: _usage, ...bare } = finished
  const type = finished['status'] === 'incomplete' ? 'response.incomplete' : 'response.completed'
  yield writer.frame('done', type, { response: style.quirk === 'bare-completed' ? bare : finished })
  if (style.extraDone) yield { kind: 'done', text: 'data: [DONE]\n\n' }
}

/**
 * How a stream says that it failed; the three forms are those of
 * https://openrouter.ai/docs/api_reference/errors-and-debugging. Before the response was created it is a plain `error`.
 */
export function writeResponseError(
  generation: Generation,
  error: Json,
  place: ErrorPlace,
  sent: Sent,
  style: StreamStyle,
): string {
  const sequence_number = sent.events
  if (place === 'answer') {
    const response = failedResponse(generation, error)
    return eventText({ type: 'response.failed', response, sequence_number }, style)
  }
  const field = errorField(error)
  if (place === 'choice') return eventText({ type: 'response.error', error: field, sequence_number }, style)
  return eventText({ type: 'error', ...field, param: null, sequence_number }, style)
}
