import type { ChatEvent } from '../chat/types.ts'
import type { AnswerContext, Dialect } from '../dialects/dialect.ts'
import type { Outcome } from './outcome.ts'

/** An answer on its way back. It can present itself in any dialect; in its own it hands on the upstream's bytes. Consume once. */
export interface Reply {
  readonly streamed: boolean
  /** The model that answers, in the upstream's words. */
  readonly served: string | undefined
  /** The whole of a plain answer in a client's dialect. */
  body(dialect: Dialect, context: AnswerContext): Uint8Array
  /** A streamed answer in a client's dialect. Its last bytes leave only after the outcome has been settled. */
  chunks(dialect: Dialect, context: AnswerContext): AsyncIterable<Uint8Array>
  /** The same answer without some of its events, and so no longer in the upstream's own bytes. */
  without(isUnwanted: (event: ChatEvent) => boolean): Reply
  /** The answer as events, a batch per upstream chunk; the very last event is `message-end` or `error`. */
  events(): AsyncIterable<readonly ChatEvent[]>
}

/**
 * Called exactly once per streamed answer; the end of the answer waits for it. Of a failed one it resolves to the words
 * for the client.
 */
export type Settle = (outcome: Outcome) => Promise<string | undefined>
