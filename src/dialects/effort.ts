import type { ChatRequest, ReasoningEffort } from '../chat/types.ts'
import type { Loose } from './lenient.ts'

const efforts: readonly string[] = [
  'none',
  'minimal',
  'low',
  'medium',
  'high',
  'xhigh',
  'max',
] satisfies readonly ReasoningEffort[]

/** A word that is none of ours counts as absent. */
export function readEffort(value: Loose): ReasoningEffort | undefined {
  return typeof value === 'string' && efforts.includes(value) ? (value as ReasoningEffort) : undefined
}

/** The effort asked for, a budget of tokens included, for wires that know only efforts. */
export function effortOf(reasoning: ChatRequest['reasoning']): ReasoningEffort | undefined {
  const budget = reasoning?.maxTokens
  if (reasoning?.effort !== undefined || budget === undefined) return reasoning?.effort
  if (budget < 4096) return 'low'
  return budget < 16_384 ? 'medium' : 'high'
}
