import type { ChatEvent, ChatRequest, DialectName, Json, JsonObject, RequestKind } from '../chat/types.ts'
import type { Frame, Framing } from '../wire/frames.ts'

/** Turns the frames of one streamed answer into events. Made anew for each answer; never throws on foreign data. */
export interface StreamDecoder {
  push(frame: Frame): readonly ChatEvent[]
}

/** Turns events into the bytes (as text) of one streamed answer. Made anew for each answer. */
export interface StreamEncoder {
  push(event: ChatEvent): string
  /** What is still owed: held-back fragments, usage, and the dialect's end mark. Called once, only after a complete answer. */
  end(): string
}

/** What is wrong with a client's request, in words for its author. */
export interface RequestProblem {
  readonly message: string
  /** The member at fault, e.g. `messages[0].role`. */
  readonly param?: string
}

/** An error on its way to a client, before a dialect gives it its shape. */
export interface WireError {
  readonly status: number
  /** From the table in `errors.ts`. */
  readonly code: string
  readonly message: string
  readonly param?: string
  /** More facts for programs, e.g. `retry_after`, `resets_at`, `pools`. */
  readonly details?: JsonObject
}

/** What must be known of a request before anybody reads it whole. */
export interface Outline {
  /** As the client named it; `auto` when it named none. */
  readonly model: string
  readonly stream: boolean
  /** Whether a streamed answer should carry usage where that is the client's choice. */
  readonly wantsUsage: boolean
  /** The longest answer the client will take; undefined when it named none. */
  readonly maxTokens: number | undefined
}

/** What the writer of an answer may need to know beside the answer itself. */
export interface AnswerContext {
  /** Whether the client wants usage in a stream, where its dialect makes that optional. */
  readonly usage: boolean
  /** Epoch milliseconds, for answers that carry a time and did not bring one. */
  readonly now: number
  /** The client's own request: some answers repeat parts of it. Absent when it came in no dialect. */
  readonly request?: JsonObject
  /** Rough size of the request in tokens, for wires that tell the input before the upstream has counted it. */
  readonly inputTokens?: number
}

/** How a stream of this dialect says that it is over. */
export interface EndMark {
  /** Words of which one stands in the line that ends a stream: an `event:` line, or data that decodes to `message-end`. */
  readonly words: readonly string[]
  /** How close to the end of a read that line begins; Infinity where it holds the answer's own data. */
  readonly withinBytes: number
  /** The mark itself, owed to the client of an answer that finished without it; left out where it holds data. */
  readonly owed?: string
}

/** What a writer could not carry into its dialect, e.g. `logit_bias dropped`. */
export type Loss = string

/** Losses that can be made good by looking at the answer: what was asked for in words instead of by a member. */
export const emulated: Readonly<Record<'format' | 'toolChoice' | 'oneCall', Loss>> = {
  format: 'structured output asked for by instruction',
  toolChoice: 'tool_choice emulated by instruction',
  oneCall: 'parallel_tool_calls dropped',
}

/**
 * A codec between one wire format and the neutral request and events. The same one serves clients and upstreams.
 * Readers of requests are strict (`check` first); readers of answers are lenient: unknown members are ignored,
 * missing ones tolerated.
 */
export interface Dialect {
  readonly name: DialectName
  /** A request goes only to upstream paths of its own kind. */
  readonly kind: RequestKind
  readonly framing: Framing
  /** Content type of a streamed answer. */
  readonly streamType: string
  /** Whether an absent `stream` member means yes. */
  readonly streamsByDefault: boolean
  /** What a waiting client is sent so that it goes on waiting; empty where the format has nothing for that. */
  readonly keepAlive: string
  /** Looks at a parsed request of this dialect; a problem is the client's fault. */
  check(body: Json): RequestProblem | undefined
  /** Only for bodies that passed `check`. */
  outline(body: JsonObject): Outline
  /** Only for bodies that passed `check`. */
  readRequest(body: JsonObject): ChatRequest
  /**
   * What a request of this dialect says beyond its neutral form, and would lose in another dialect; members that change
   * nothing in the answer are not told. Throws RequestError for content without which the question would be another.
   */
  untold(request: ChatRequest): readonly Loss[]
  /** `lost` collects what this dialect cannot say. */
  writeRequest(request: ChatRequest, lost: Loss[]): JsonObject
  /** A whole (not streamed) answer as events, in the order a stream would have had. An error body gives one `error` event. */
  readResult(body: Json): readonly ChatEvent[]
  writeResult(events: readonly ChatEvent[], context: AnswerContext): JsonObject
  /** Whether an answer that is in this dialect already has the form its request asked for; left out where there is only one. */
  asAsked?(events: readonly ChatEvent[], context: AnswerContext): boolean
  decoder(): StreamDecoder
  encoder(context: AnswerContext): StreamEncoder
  writeError(error: WireError): JsonObject
  /** Where this dialect's clients want another status than the error's own. */
  errorStatus?(error: WireError): number
  /** Further headers of an error answer: name, value, name, value. */
  errorHeaders?(error: WireError): readonly string[]
  /** The frame that ends a stream in failure. */
  errorFrame(error: WireError): string
  /** The top-level member that bounds an answer's length; left out where it stands deeper. */
  readonly maxTokensMember?: string
  /** Left out where nothing tells the last frame from others before it is read. */
  readonly endMark?: EndMark
}
