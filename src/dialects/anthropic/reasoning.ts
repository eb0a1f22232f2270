import type { ChatRequest, JsonObject, ReasoningEffort } from '../../chat/types.ts'
import type { Loss } from '../dialect.ts'
import { asList, asNumber, asObject, type Loose } from '../lenient.ts'

type Reasoning = NonNullable<ChatRequest['reasoning']>

// Both bounds: https://platform.claude.com/docs/en/build-with-claude/extended-thinking
const leastBudget = 1024
const efforts: readonly string[] = ['low', 'medium', 'high', 'xhigh', 'max']

/** `adaptive` without an effort leaves everything to the model, as saying nothing does. */
export function readReasoning(body: JsonObject): Reasoning | undefined {
  const thinking = asObject(body.thinking)
  const effort = readEffort(asObject(body.output_config)?.effort)
  if (thinking?.type === 'disabled') return { effort: 'none' }
  if (thinking?.type === 'enabled') {
    const budget = asNumber(thinking.budget_tokens)
    if (budget === undefined || budget <= 0) return { effort: effort ?? 'medium' }
    return { ...(effort === undefined ? {} : { effort }), maxTokens: budget }
  }
  return effort === undefined ? undefined : { effort }
}

function readEffort(value: Loose): ReasoningEffort | undefined {
  return typeof value === 'string' && efforts.includes(value) ? (value as ReasoningEffort) : undefined
}

/**
 * An effort becomes adaptive thinking, a budget becomes a budget. A forced tool and thinking exclude each other, a
 * budget must leave room for the answer, and beside a budget a call that is being answered must show its thinking.
 */
export function writeReasoning(
  reasoning: Reasoning | undefined,
  {
    maxTokens,
    forced,
    messages,
  }: { readonly maxTokens: number; readonly forced: boolean; readonly messages: readonly JsonObject[] },
  lost: Loss[],
): { readonly thinking: JsonObject | undefined; readonly effort: string | undefined } {
  if (reasoning === undefined) return { thinking: undefined, effort: undefined }
  if (reasoning.effort === 'none') return { thinking: { type: 'disabled' }, effort: undefined }
  const effort = reasoning.effort === 'minimal' ? 'low' : reasoning.effort
  const without = (why: string): { thinking: undefined; effort: string | undefined } => {
    lost.push(`reasoning dropped because ${why}`)
    return { thinking: undefined, effort }
  }
  if (forced) return without('a tool is forced')
  if (reasoning.maxTokens === undefined) return { thinking: { type: 'adaptive' }, effort }
  const budget = Math.min(Math.max(leastBudget, Math.floor(reasoning.maxTokens)), maxTokens - 1)
  if (budget < leastBudget) return without('max_tokens leaves no room for it')
  if (answersUnthoughtCall(messages)) return without('the calls in the history come without theirs')
  return { thinking: { type: 'enabled', budget_tokens: budget }, effort }
}

function answersUnthoughtCall(messages: readonly JsonObject[]): boolean {
  const types = (message: JsonObject | undefined): readonly Loose[] =>
    asList(message?.content).map((block) => asObject(block)?.type)
  const [first] = types(messages.at(-2))
  return (
    types(messages.at(-1)).includes('tool_result') && first !== 'thinking' && first !== 'redacted_thinking'
  )
}
