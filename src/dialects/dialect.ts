import type { ChatEvent, ChatRequest, DialectName, Json, JsonObject } from '../chat/types.ts'
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

/** What a writer could not carry into its dialect, e.g. `logit_bias dropped`. */
export type Loss = string

/**
 * A codec between one wire format and the neutral request and events. The same one serves clients and upstreams.
 * Readers of requests are strict (`check` first); readers of answers are lenient: unknown members are ignored,
 * missing ones tolerated.
 */
export interface Dialect {
  readonly name: DialectName
  readonly framing: Framing
  /** Content type of a streamed answer. */
  readonly streamType: string
  /** Whether an absent `stream` member means yes. */
  readonly streamsByDefault: boolean
  /** Looks at a parsed request of this dialect; a problem is the client's fault. */
  check(body: Json): RequestProblem | undefined
  /** Only for bodies that passed `check`. */
  readRequest(body: JsonObject): ChatRequest
  /** `lost` collects what this dialect cannot say. */
  writeRequest(request: ChatRequest, lost: Loss[]): JsonObject
  /** A whole (not streamed) answer as events, in the order a stream would have had. An error body gives one `error` event. */
  readResult(body: Json): readonly ChatEvent[]
  /** `now`: epoch milliseconds, for an answer that does not say when it was made. */
  writeResult(events: readonly ChatEvent[], now?: number): JsonObject
  decoder(): StreamDecoder
  /** `usage`: whether the client wants a usage frame at the end (dialects that always send it ignore this). */
  encoder(options: { readonly usage: boolean; readonly now: number }): StreamEncoder
  writeError(error: WireError): JsonObject
  /** The frame that ends a stream in failure. */
  errorFrame(error: WireError): string
  /** The top-level member that bounds an answer's length; left out where it stands deeper. */
  readonly maxTokensMember?: string
  /** The bytes that begin this dialect's end mark at the start of a line, e.g. `data: [DONE]`; left out where the last frame is not a fixed text. */
  readonly endMark?: string
}
