import type { Answer, Question } from '../answer.ts'
import type { FaultKind } from '../faults.ts'
import type { Json } from '../json.ts'
import type { Frame, Sent } from '../play.ts'
import type { Refusal } from './errors.ts'
import type { Generation } from './generation.ts'
import type { OpenRouterSide } from './side.ts'

/** How a stream is written. */
export interface StreamStyle {
  readonly wordsPerChunk: number
  readonly usageChunk: 'empty-choices' | 'empty-delta'
  /** Whether an API that ends its streams otherwise sends `[DONE]` after that. */
  readonly extraDone: boolean
  /** A scripted oddity in the form of the stream. */
  readonly quirk: FaultKind | undefined
}

/** Where an error comes up after the status 200: before the stream is opened, in the answer, or inside of one choice. */
export type ErrorPlace = 'unopened' | 'answer' | 'choice'

/** What is asked, and the models that may answer besides the first. */
export interface Asked {
  readonly question: Question
  readonly fallbacks: readonly string[]
}

/** What a refusal's body is made from besides the refusal itself. */
export interface RefusalFacts {
  /** Makes the id of a generation; a call that never got to a model has none. */
  readonly newId: (() => string) | undefined
  readonly settings: OpenRouterSide['settings']
}

/** One API of OpenRouter's: how a call is read there, and how its answer and its errors are written. */
export interface OpenRouterDialect {
  readonly output: 'text' | 'embeddings'
  /** What the ids of its tool calls begin with. */
  readonly callPrefix: string
  /** The oddities its streams can have. */
  readonly quirks: ReadonlySet<FaultKind>
  /** Reads what is its own of a request; `model`, `stream` and `provider` are the same everywhere. */
  read(body: Json): Asked | Refusal
  answer(question: Question): Answer
  /** The body of an error with a status of its own. */
  refusalBody(refusal: Refusal, facts: RefusalFacts): Json
  /** The whole answer as one body. */
  write(generation: Generation): string
  /** The body of an answer that failed after the status 200; `partial` when some of it was made. */
  writeFailed(generation: Generation, error: Json, partial: boolean): string
  /** The stream, after the comments; an API without streams has none. */
  frames?(generation: Generation, style: StreamStyle): Iterable<Frame>
  errorFrame?(generation: Generation, error: Json, place: ErrorPlace, sent: Sent, style: StreamStyle): string
}
