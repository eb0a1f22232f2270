import { createInterface } from 'node:readline/promises'
import { dollars } from '../../ledger/price.ts'
import type { ChatMessage } from '../../library/chat.ts'
import { printable } from '../printable.ts'
import { counted } from '../terminal/table.ts'
import { paintFor } from '../terminal/paint.ts'
import type { Asker } from './asker.ts'
import { answer } from './answer.ts'

const help = `/model NAME  go on with another model; without a name: which one it is
/new         forget what was said
/help        this text
/exit        the end; so do Ctrl-D, and Ctrl-C while nothing is being answered`

/** A conversation on a terminal. Ctrl-C stops an answer that is coming, else ends the conversation. */
export async function talk(asker: Asker, firstModel: string): Promise<void> {
  const paint = paintFor(process.stdout)
  const lines = createInterface({ input: process.stdin, output: process.stdout })
  let answering: AbortController | undefined
  lines.on('SIGINT', () => {
    if (answering === undefined) lines.close()
    else answering.abort()
  })
  const messages: ChatMessage[] = []
  const sum = { answers: 0, tokens: 0, nanoUsd: 0 }
  let model = firstModel
  let left = false
  console.log(paint.dim(`Model ${printable(model)}. /model changes it, /help tells more, Ctrl-C stops.`))
  lines.setPrompt(paint.cyan('> '))
  lines.prompt()
  for await (const line of lines) {
    const [word = '', name = ''] = line.trim().split(/\s+/)
    left = word === '/exit' || word === '/quit'
    if (left) break
    if (word === '/model') model = await switched(asker, model, name)
    else if (word === '/new') {
      messages.length = 0
      console.log('Forgotten.')
    } else if (word === '/help') console.log(help)
    else if (/^\/\w*$/.test(word)) console.log(`There is no ${word}.\n${help}`)
    else if (word !== '') {
      messages.push({ role: 'user', content: line })
      answering = new AbortController()
      try {
        const { text, facts } = await answer(asker.ask, messages, model, answering.signal)
        messages.push({ role: 'assistant', content: text })
        sum.answers++
        sum.tokens += facts?.tokens ?? 0
        sum.nanoUsd += facts?.nanoUsd ?? 0
      } catch (error) {
        // Half an answer is no part of a conversation.
        messages.pop()
        const why = error instanceof Error ? error.message : String(error)
        console.error(answering.signal.aborted ? '\nstopped' : printable(why))
      }
      answering = undefined
    }
    lines.prompt()
  }
  lines.close()
  // After Ctrl-C or Ctrl-D the shell's prompt must not stand behind ours.
  if (!left) console.log()
  if (sum.answers > 0)
    console.log(paint.dim(`${counted(sum.answers, 'answer')}, ${sum.tokens} tokens, ${dollars(sum.nanoUsd)}`))
}

/** The model to go on with: the one named, if it can be asked. */
async function switched(asker: Asker, model: string, name: string): Promise<string> {
  if (name === '') {
    console.log(printable(`Model ${model}`))
    return model
  }
  const refusal = await asker.refusal(name)
  console.log(printable(refusal ?? `Model ${name}`))
  return refusal === undefined ? name : model
}
