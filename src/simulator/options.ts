import type { MovableClock } from '../clock.ts'
import type { OllamaOptions } from './ollama/options.ts'
import type { OpenRouterOptions } from './openrouter/options.ts'

/** How the simulator starts. Every part has a default; {@link startSimulator} with none is ready to use. */
export interface SimulatorOptions {
  /** Default 127.0.0.1. */
  readonly host?: string
  /** Default 0: any free port. */
  readonly port?: number
  /** Decides windows and resets. Default: a clock that runs at real time and can be moved. */
  readonly clock?: MovableClock
  /** All randomness (keys, ids, the pick of `openrouter/free`) comes from it. Default 1. */
  readonly seed?: number
  /** Real milliseconds between the pieces of a stream. Default 0. */
  readonly chunkDelayMs?: number
  /** Real milliseconds before the first token, or before a whole answer. Default 0. */
  readonly firstTokenDelayMs?: number
  /** Words per piece of a stream. Default 1. */
  readonly wordsPerChunk?: number
  /** Writes answers this many bytes at a time, cutting lines and characters. Default 0: as they come. */
  readonly chopBytes?: number
  /** Real milliseconds after which a client counts as knowing a refusal, for `wasted`. Default 0: at once. */
  readonly knownAfterMs?: number
  readonly openrouter?: OpenRouterOptions
  readonly ollama?: OllamaOptions
}
