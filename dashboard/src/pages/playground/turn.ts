import type { RoutePlan, Why } from '../../api/types.ts'
import type { Failure, Tokens } from './answer-part.ts'
import type { Head, Message, Question } from './exchange.ts'

/** One question with its answer, as far as it has come. */
export interface Turn {
  readonly number: number
  readonly question: string
  /** As it was asked for. */
  readonly model: string
  readonly state: 'waiting' | 'answering' | 'done' | 'stopped' | 'failed'
  /** With a line break between each two. */
  readonly text: readonly string[]
  readonly reasoning: readonly string[]
  /** Characters that came beyond what is kept. */
  readonly dropped: number
  readonly finish?: string
  readonly tokens?: Tokens
  readonly failure?: Failure
  readonly head?: Head
  /** Milliseconds until the first words and until the end, as seen from here. */
  readonly firstMs?: number
  readonly totalMs?: number
  /** What would have been chosen just before it was sent. */
  readonly plan?: RoutePlan
  /** What the ledger says of it after its end. */
  readonly why?: Why
  /** Why the ledger's word is missing. */
  readonly whyError?: string
}

/** What the reader has set for all that is asked next. */
export interface Options {
  readonly model: string
  readonly provider: string
  readonly system: string
  /** As typed; empty: not sent. */
  readonly temperature: string
  readonly maxTokens: string
}

// More is no trial of a route any more, and would only fill the page.
export const mostTurns = 50

export function isRunning({ state }: Turn): boolean {
  return state === 'waiting' || state === 'answering'
}

/** The request for the next question, with the turns before it that were answered at least in part. */
export function questionOf(text: string, turns: readonly Turn[], options: Options): Question {
  const { model, provider, system } = options
  const temperature = numberOf(options.temperature)
  const maxTokens = numberOf(options.maxTokens)
  const before = turns
    .filter((turn) => turn.text.length > 0)
    .flatMap((turn): Message[] => [
      { role: 'user', content: turn.question },
      { role: 'assistant', content: turn.text.join('\n') },
    ])
  return {
    model: model.trim() === '' ? 'auto' : model.trim(),
    provider,
    messages: [
      ...(system.trim() === '' ? [] : [{ role: 'system' as const, content: system }]),
      ...before,
      { role: 'user', content: text },
    ],
    ...(temperature === undefined ? {} : { temperature }),
    ...(maxTokens === undefined ? {} : { maxTokens }),
  }
}

// What the router itself reckons with before a service has counted.
const charactersPerToken = 4

/** A rough size, for the plan. */
export function tokensOf({ messages }: Question): number {
  const characters = messages.reduce((sum, { content }) => sum + content.length, 0)
  return Math.ceil(characters / charactersPerToken)
}

function numberOf(text: string): number | undefined {
  const value = Number(text)
  return text.trim() === '' || !Number.isFinite(value) ? undefined : value
}
