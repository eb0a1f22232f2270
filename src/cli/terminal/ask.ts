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

/** Ctrl-C. Exit code 130. */
export class Cancelled extends RouterError {
  constructor(message = 'stopped; nothing was written') {
    super('client_closed', message)
    this.name = 'Cancelled'
  }
}
