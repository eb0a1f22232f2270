import { addUsage, createFold, type ChatResult, unfold } from '../chat/fold.ts'
import type { ChatEvent, Turn } from '../chat/types.ts'
import { emulated, type Loss } from '../dialects/dialect.ts'
import { isRouterError, ProviderError } from '../errors.ts'
import { conform } from '../relay/conform.ts'
import { continued } from '../relay/continued.ts'
import type { Draft } from '../relay/draft.ts'
import { createPlainReply } from '../relay/plain-reply.ts'
import type { Routed } from './dispatch.ts'
import { plainMaxBytes } from './reading.ts'

const checkable: ReadonlySet<Loss> = new Set(Object.values(emulated))

/**
 * Makes good what an upstream was only asked for in words: the whole answer is held against the request, and asked for
 * once more with what is wrong with it; `retrying` hears before that what was asked for. Throws ProviderError for a
 * `strict` schema that is not met even then; else the answer goes out as it is, and says so in its losses.
 */
export async function emulate(
  draft: Draft,
  send: (draft: Draft) => Promise<Routed>,
  retrying: (asked: readonly Loss[]) => void,
): Promise<Routed> {
  const first = await send(draft)
  const asked = first.lost.filter((loss) => checkable.has(loss) && !isKept(loss, first, draft))
  if (asked.length === 0) return first
  // Calls beyond the first are left out as they come: nothing of that has to be held.
  if (asked.every((loss) => loss === emulated.oneCall))
    return { ...first, reply: first.reply.without(beyondFirstCall()) }
  const answer = await collect(first)
  const request = draft.request()
  const verdict = conform(request, answer, asked)
  if (verdict.problem === undefined) return whole(first, verdict.result)

  const strict = request.format?.strict === true && asked.includes(emulated.format)
  retrying(asked)
  const correct = continued(draft, correction(answer, verdict.problem))
  const second = await answerOf(correct, send).catch((error: unknown) => {
    if (strict || hasLeft(error)) throw error
    return undefined
  })
  // Nobody could be asked again: what is there was paid for, and may do.
  if (second === undefined) return unmet(first, verdict.result)
  const usage = addUsage(answer.usage, second.answer.usage)
  const again = conform(request, { ...second.answer, ...(usage && { usage }) }, asked)
  const both = together(first, second.routed)
  if (again.problem === undefined) return whole(both, again.result)
  if (!strict) return unmet(both, again.result)
  throw new ProviderError(
    'upstream_failed',
    `${both.model} of ${both.provider} did not answer in the form asked for, twice: ${again.problem}`,
    { provider: both.provider },
  )
}

function beyondFirstCall(): (event: ChatEvent) => boolean {
  let first: number | undefined
  return (event) => {
    if (event.type !== 'tool-start' && event.type !== 'tool-delta') return false
    first ??= event.index
    return event.index !== first
  }
}

async function answerOf(
  draft: Draft,
  send: (draft: Draft) => Promise<Routed>,
): Promise<{ readonly routed: Routed; readonly answer: ChatResult }> {
  const routed = await send(draft)
  return { routed, answer: await collect(routed) }
}

function hasLeft(error: unknown): boolean {
  return isRouterError(error) && error.code === 'client_closed'
}

/** Beside tools a format goes out in words alone, also to a server that would keep to it. */
function isKept(loss: Loss, { enforced }: Routed, draft: Draft): boolean {
  return loss === emulated.format && enforced && !draft.needs().includes('tools')
}

async function collect({ reply, provider }: Routed): Promise<ChatResult> {
  const fold = createFold()
  let size = 0
  for await (const batch of reply.events()) {
    for (const event of batch) {
      fold.push(event)
      size += sizeOf(event)
    }
    // A stream has no bound of its own, and this one is held in memory as a whole.
    if (size > plainMaxBytes)
      throw new ProviderError('upstream_failed', `the answer is larger than ${plainMaxBytes} bytes`, {
        provider,
      })
  }
  const result = fold.result()
  // Nothing has gone out yet, but the answer was begun and is paid for: it is not asked for again.
  if (result.error !== undefined)
    throw new ProviderError('upstream_failed', result.error.message, { provider })
  return result
}

function sizeOf(event: ChatEvent): number {
  if (event.type === 'text-delta' || event.type === 'reasoning-delta') return event.text.length
  return event.type === 'tool-delta' ? event.json.length : 0
}

function correction({ text, toolCalls }: ChatResult, problem: string): readonly Turn[] {
  // A call without its result would be refused in the history, so only what was said goes back.
  const said = text === '' ? toolCalls.map(({ name }) => `(called ${name})`).join(' ') : text
  return [
    { role: 'assistant', parts: [{ type: 'text', text: said === '' ? '(nothing)' : said }] },
    { role: 'user', parts: [{ type: 'text', text: problem }] },
  ]
}

function unmet(routed: Routed, result: ChatResult): Routed {
  return whole({ ...routed, lost: [...routed.lost, 'the answer is not in the form asked for'] }, result)
}

function whole(routed: Routed, result: ChatResult): Routed {
  return { ...routed, reply: createPlainReply(routed.dialect, unfold(result), undefined) }
}

/** The second answer, with what both used and cost. */
function together(first: Routed, second: Routed): Routed {
  const { nanoUsd: one } = first.bill
  const { nanoUsd: other } = second.bill
  const cost = one === undefined || other === undefined ? {} : { nanoUsd: one + other }
  const usage = addUsage(first.bill.usage, second.bill.usage)
  return {
    ...second,
    free: first.free && second.free,
    bill: { ...(usage && { usage }), ...cost },
  }
}
