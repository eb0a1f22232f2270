import { RequestError } from '../../errors.ts'
import { readInput } from '../terminal/ask.ts'
import { answer } from './answer.ts'
import { createAsker } from './asker.ts'
import { talk } from './talk.ts'

export interface ChatFlags {
  readonly model: string
  readonly provider?: string
}

/** `switchyard chat [question]`: one question, or a conversation on a terminal. Through the running gateway, else by itself. */
export async function chat(words: readonly string[], flags: ChatFlags): Promise<void> {
  const question =
    words.length > 0 ? words.join(' ') : process.stdin.isTTY ? undefined : (await readInput()).trim()
  if (question?.trim() === '')
    throw new RequestError('invalid_request', 'there is no question; try: switchyard chat "Hello"')
  await using asker = await createAsker(flags.provider)
  if (question === undefined) return talk(asker, flags.model)
  const leaving = new AbortController()
  const onInterrupt = (): void => leaving.abort()
  process.once('SIGINT', onInterrupt)
  try {
    await answer(asker.ask, [{ role: 'user', content: question }], flags.model, leaving.signal)
  } finally {
    process.off('SIGINT', onInterrupt)
  }
}
