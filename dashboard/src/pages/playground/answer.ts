import { ask, messageOf } from '../../api/ask.ts'
import type { RoutePlan, Why } from '../../api/types.ts'
import { exchange, type Head, type Listener, type Question } from './exchange.ts'
import { ShownText } from './shown-text.ts'
import { tokensOf, type Turn } from './turn.ts'

/** Under this name calls of the dashboard stand in the ledger. */
export const client = 'dashboard'

// Often enough to read along; what comes between is drawn with the next.
const drawMs = 80

/** Asks, and tells `change` what is new of the turn; gives the request's id. */
export async function answer(
  question: Question,
  change: (news: Partial<Turn>) => void,
  signal: AbortSignal,
): Promise<string | undefined> {
  const plan = await planOf(question, signal)
  if (plan !== undefined) change({ plan })
  const began = performance.now()
  const since = (): number => performance.now() - began
  const text = new ShownText()
  const reasoning = new ShownText()
  let news: Partial<Turn> = {}
  let head: Head = {}
  let begun = false
  let timer: number | undefined
  const draw = (): void => {
    window.clearTimeout(timer)
    timer = undefined
    change({
      ...news,
      text: text.pieces,
      reasoning: reasoning.pieces,
      dropped: text.dropped + reasoning.dropped,
    })
    news = {}
  }
  const listener: Listener = {
    head(told) {
      head = told
      change({ head })
    },
    part(part) {
      if (!begun && part.text + part.reasoning !== '') {
        begun = true
        news = { ...news, state: 'answering', firstMs: since() }
      }
      text.push(part.text)
      reasoning.push(part.reasoning)
      if (part.finish !== undefined) news = { ...news, finish: part.finish }
      if (part.tokens !== undefined) news = { ...news, tokens: part.tokens }
      timer ??= window.setTimeout(draw, drawMs)
    },
  }
  try {
    const failure = await exchange(question, listener, signal)
    news = {
      ...news,
      totalMs: since(),
      ...(failure === undefined ? { state: 'done' } : { state: 'failed', failure }),
    }
  } catch {
    news = { ...news, totalMs: since(), state: 'stopped' }
  }
  draw()
  return head.id
}

/** What would be chosen for it now; undefined when that cannot be told. */
export async function planOf(question: Question, signal: AbortSignal): Promise<RoutePlan | undefined> {
  const { model, provider } = question
  const body = {
    model,
    client,
    inputTokens: tokensOf(question),
    ...(provider === '' ? {} : { provider }),
  }
  try {
    return await ask<RoutePlan>('plan', { body, signal })
  } catch {
    // The request itself tells what is wrong with it.
    return undefined
  }
}

const whyRounds = 6

/** What the ledger says of a request that has just ended: of one that was stopped it needs a moment. */
export async function whyOf(id: string): Promise<Pick<Turn, 'why' | 'whyError'>> {
  for (let round = 1; ; round++) {
    const found = await ask<Why>('why', { body: { id } }).then(
      (why) => ({ why }),
      (error: unknown) => ({ whyError: messageOf(error) }),
    )
    const isEnded = 'why' in found && found.why.end !== 'open'
    if (isEnded || round === whyRounds) return found
    await new Promise((resolve) => window.setTimeout(resolve, 100 * 2 ** round))
  }
}
