import { isContent, mergeUsage } from '../chat/fold.ts'
import type { ChatEvent, FinishReason, Usage } from '../chat/types.ts'
import type { Dialect } from '../dialects/dialect.ts'
import { isRouterError } from '../errors.ts'
import { createFramer, type Frame } from '../wire/frames.ts'
import type { Tail } from '../wire/tail.ts'

/** How an answer ended and what it cost, as far as its events tell. */
export interface Outcome {
  /** `complete`: the answer came to its own end. `aborted`: the client left. */
  readonly end: 'complete' | 'truncated' | 'failed' | 'aborted'
  /** The model that answered, in the upstream's words. */
  readonly served?: string
  readonly usage?: Usage
  /** In place of `usage`: what was counted before the answer was, so that only its input says anything. */
  readonly begun?: Usage
  readonly finish?: FinishReason
  /** Of a failed or truncated answer, without secrets. */
  readonly message?: string
  /** What the upstream itself said went wrong after the first content. */
  readonly error?: ErrorEvent
  /** Text pieces that went by, for an estimate when no usage came. */
  readonly pieces: number
}

export type ErrorEvent = Extract<ChatEvent, { type: 'error' }>

/** What the events of an answer say of its end; the last one of each kind wins, and counts only grow. */
export interface Ending {
  readonly served?: string
  readonly usage?: Usage
  readonly begun?: Usage
  readonly finish?: FinishReason
  readonly error?: ErrorEvent
  /** The wire's own end mark was seen. */
  readonly marked: boolean
}

export function readEnding(events: readonly ChatEvent[]): Ending {
  let served: string | undefined
  let usage: Usage | undefined
  let counted = false
  let finish: FinishReason | undefined
  let error: ErrorEvent | undefined
  let marked = false
  for (const event of events) {
    // A reader that begins at the end of a stream may see a frame that names no model.
    if (event.type === 'message-start' && event.model !== '') served = event.model
    else if (event.type === 'usage') {
      usage = mergeUsage(usage, event.usage)
      counted = true
    } else if (isContent(event)) counted = false
    else if (event.type === 'finish') finish = event.reason
    else if (event.type === 'error') error = event
    else if (event.type === 'message-end') marked = true
  }
  return {
    ...(served === undefined ? {} : { served }),
    ...(usage === undefined ? {} : counted ? { usage } : { begun: usage }),
    ...(finish === undefined ? {} : { finish }),
    ...(error === undefined ? {} : { error }),
    marked,
  }
}

/** The end of a relayed stream. */
export interface TailReading {
  readonly ending: Ending
  /** Of the bytes that were kept, for an estimate of those that were not. */
  readonly bytesPerFrame: number
}

/**
 * Reads the end of a relayed stream with the dialect's own decoder: the relay itself parsed nothing. `head` are the events
 * of its beginning, `held` the bytes of its end mark, which may be larger than what the tail keeps.
 */
export function readTail(
  dialect: Dialect,
  tail: Tail,
  { head, held }: { readonly head: readonly ChatEvent[]; readonly held: Uint8Array },
): TailReading {
  const framer = createFramer(dialect.framing)
  const bytes = tail.bytes()
  const kept = tail.cut ? bytes.subarray(afterBoundary(bytes)) : bytes
  const frames = [...framer.feed(kept), ...framer.end()]
  // How an answer ended stands in its last few frames; only an odd service makes us read further back.
  const last = decodeAll(dialect, frames.slice(-lastFrames))
  const told = last.some((event) => event.type === 'finish' || event.type === 'error')
  const end = decodeAll(dialect, [...framer.feed(held), ...framer.end()])
  return {
    ending: readEnding([...head, ...(told ? last : decodeAll(dialect, frames)), ...end]),
    bytesPerFrame: kept.length / Math.max(1, frames.length),
  }
}

/** Whether the last bytes of a stream are its end: by what they mean, as the words of an end mark may stand in a text. */
export function endsAnswer(dialect: Dialect, last: Uint8Array): boolean {
  const framer = createFramer(dialect.framing)
  const frames = [...framer.feed(last), ...framer.end()]
  return decodeAll(dialect, frames).some((event) => event.type === 'message-end')
}

const lastFrames = 4

function decodeAll(dialect: Dialect, frames: readonly Frame[]): ChatEvent[] {
  const decoder = dialect.decoder()
  return frames.flatMap((frame) => [...decoder.push(frame)])
}

/** The first frame of a cut tail has lost its start: skip to the next line that begins a frame. */
function afterBoundary(bytes: Buffer): number {
  const at = bytes.indexOf('\n')
  return at === -1 ? bytes.length : at + 1
}

/** Puts together what the wire said and how it stopped. */
export function outcomeOf(
  ending: Ending,
  stop: { readonly broken: unknown; readonly signal: AbortSignal; readonly pieces: number },
): Outcome {
  const facts = {
    pieces: stop.pieces,
    ...(ending.served === undefined ? {} : { served: ending.served }),
    ...(ending.usage === undefined ? {} : { usage: ending.usage }),
    ...(ending.begun === undefined ? {} : { begun: ending.begun }),
    ...(ending.finish === undefined ? {} : { finish: ending.finish }),
  }
  if (ending.error !== undefined)
    return { end: 'failed', message: ending.error.message, error: ending.error, ...facts }
  if (ending.finish === 'error')
    return { end: 'failed', message: 'the upstream ended the answer with an error', ...facts }
  if (ending.marked || ending.finish !== undefined) return { end: 'complete', ...facts }
  if (stop.signal.aborted && isLeaving(stop.signal.reason)) return { end: 'aborted', ...facts }
  return {
    end: 'truncated',
    message: describeStop(stop.signal.aborted ? stop.signal.reason : stop.broken),
    ...facts,
  }
}

/** An abort by the client, as opposed to one by a deadline. */
function isLeaving(reason: unknown): boolean {
  return !(reason instanceof Error) || reason.name !== 'TimeoutError'
}

function describeStop(broken: unknown): string {
  if (broken === undefined) return 'the upstream ended the stream in the middle of the answer'
  if (!(broken instanceof Error)) return 'the upstream stream failed'
  if (broken.name === 'TimeoutError' || isRouterError(broken)) return broken.message
  if (broken.name === 'BodyTimeoutError') return 'the upstream stream stalled in the middle of the answer'
  const code = 'code' in broken && typeof broken.code === 'string' ? ` (${broken.code})` : ''
  return `the upstream stream was cut in the middle of the answer${code}`
}
