import { ProviderError } from '../../errors.ts'
import { dollars } from '../../ledger/price.ts'
import type { ChatMessage } from '../../library/chat.ts'
import { printable } from '../printable.ts'
import { paintFor } from '../terminal/paint.ts'
import { withProgress } from '../terminal/progress.ts'
import type { Ask, Facts } from './asker.ts'

/** Writes an answer as it comes, and who gave it for how much on stderr. */
export async function answer(
  ask: Ask,
  messages: readonly ChatMessage[],
  model: string,
  signal: AbortSignal,
): Promise<{ readonly text: string; readonly facts: Facts | undefined }> {
  let text = ''
  let facts: Facts | undefined
  const events = ask(messages, model, signal)[Symbol.asyncIterator]()
  try {
    let next = await withProgress('Waiting for an answer', events.next())
    for (; next.done !== true; next = await events.next()) {
      const event = next.value
      if (event.type === 'text-delta') {
        text += event.text
        process.stdout.write(printable(event.text))
      } else if (event.type === 'error') {
        throw new ProviderError('upstream_failed', event.message)
      } else if (event.type === 'facts') {
        facts = event.facts
        process.stdout.write('\n')
        console.error(paintFor(process.stderr).dim(`[${said(facts)}]`))
      }
    }
  } finally {
    await events.return?.()
  }
  return { text, facts }
}

function said({ provider, model, key, tokens, nanoUsd }: Facts): string {
  const cost = nanoUsd === undefined ? 'cost unknown' : dollars(nanoUsd)
  const amount = tokens === undefined ? cost : `${cost}, ${tokens} tokens`
  return printable([provider, model, key, amount].join(' · '))
}
