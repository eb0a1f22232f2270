import { Cancelled, readInput } from '../terminal/ask.ts'
import { WrongUsage } from '../wrong-usage.ts'
import { answer } from './answer.ts'
import { createAsker } from './asker.ts'
import { talk } from './talk.ts'

/** For the ledger to note that the answer was left. */
const lastMomentMs = 500

export interface ChatFlags {
  readonly model: string
  readonly provider?: string
}

/** `switchyard chat [question]`: one question, or a conversation on a terminal. Through the running gateway, else by itself. */
export async function chat(words: readonly string[], flags: ChatFlags): Promise<void> {
  const question =
    words.length > 0 ? words.join(' ') : process.stdin.isTTY ? undefined : (await readInput()).trim()
  if (question?.trim() === '') throw new WrongUsage('there is no question; try: switchyard chat "Hello"')
  await using asker = await createAsker(flags.provider)
  if (question === undefined) return talk(asker, flags.model)
  const leaving = new AbortController()
  const interrupted = new Promise<never>((_, reject) => {
    process.once('SIGINT', () => {
      leaving.abort()
      // Below the `^C` that the terminal shows, and below half an answer.
      if (process.stdout.isTTY) process.stdout.write('\n')
      // A router of our own that still reads accounts is not waited for.
      setTimeout(() => process.exit(130), lastMomentMs).unref()
      reject(new Cancelled('stopped'))
    })
  })
  const messages = [{ role: 'user' as const, content: question }]
  await Promise.race([answer(asker.ask, messages, flags.model, leaving.signal), interrupted])
}
