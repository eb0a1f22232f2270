import { RouterError } from '../../errors.ts'

/** Everything that is piped in. */
export async function readInput(): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

/** Asks on the terminal for something that must not be seen. Throws RouterError `client_closed` on Ctrl-C. */
export async function askSecret(message: string): Promise<string> {
  const { isCancel, password } = await import('@clack/prompts')
  const answer = await password({
    message,
    validate: (text) => (text === undefined || text.trim() === '' ? 'paste the key' : undefined),
  })
  if (isCancel(answer)) throw new Cancelled()
  return answer
}

/** Ctrl-C at a question: nothing was written. Exit code 130. */
export class Cancelled extends RouterError {
  constructor() {
    super('client_closed', 'stopped; nothing was written')
    this.name = 'Cancelled'
  }
}
