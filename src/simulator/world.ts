import type { Clock } from '../clock.ts'
import { Books } from './books.ts'
import { createDice, type Dice } from './dice.ts'
import { FaultList } from './faults.ts'
import { createOllamaSide, type OllamaSide } from './ollama/side.ts'
import { createOpenRouterSide, type OpenRouterSide } from './openrouter/side.ts'
import type { SimulatorOptions } from './options.ts'
import type { Pace } from './play.ts'
import type { Knowing } from './told.ts'

/** All that a request can read or change. */
export interface World {
  readonly clock: Clock
  readonly dice: Dice
  readonly books: Books
  readonly faults: FaultList
  readonly pace: Pace
  readonly openrouter: OpenRouterSide
  readonly ollama: OllamaSide
}

/** A world at its start. The same options and seed give the same keys and ids. */
export function createWorld(options: SimulatorOptions, clock: Clock, knowing: Knowing): World {
  const seed = options.seed ?? 1
  const now = clock.now()
  const openrouter = createOpenRouterSide(options.openrouter ?? {}, createDice(seed), now, knowing)
  const ollama = createOllamaSide(options.ollama ?? {}, createDice(seed + 1), now, knowing)
  const books = new Books()
  for (const key of openrouter.keys.values()) books.introduce('openrouter', key)
  for (const key of ollama.keys.values()) books.introduce('ollama', key)
  return {
    clock,
    dice: createDice(seed + 2),
    books,
    faults: new FaultList(),
    pace: {
      chunkDelayMs: options.chunkDelayMs ?? 0,
      firstTokenDelayMs: options.firstTokenDelayMs ?? 0,
      wordsPerChunk: Math.max(1, options.wordsPerChunk ?? 1),
    },
    openrouter,
    ollama,
  }
}
