import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { createInterface } from 'node:readline'

export interface Mail {
  readonly from: string
  readonly to: readonly string[]
  /** Headers and body as they came. */
  readonly text: string
}

/** As much of SMTP (RFC 5321, RFC 4954) as takes a mail. Unencrypted, and without STARTTLS. */
export interface MailServer extends AsyncDisposable {
  readonly port: number
  readonly mails: readonly Mail[]
  /** What was sent after AUTH PLAIN, decoded. */
  readonly logins: readonly string[]
  /** In place of the usual answer to a command, `RCPT`, `AUTH`, …, or to one line as a whole. */
  readonly refuse: Map<string, string>
}

export async function openMailServer(): Promise<MailServer> {
  const mails: Mail[] = []
  const logins: string[] = []
  const refuse = new Map<string, string>()
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {}).on('close', () => sockets.delete(socket))
    void converse(socket, { mails, logins, refuse })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    mails,
    logins,
    refuse,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

async function converse(
  socket: Socket,
  { mails, logins, refuse }: { mails: Mail[]; logins: string[]; refuse: ReadonlyMap<string, string> },
): Promise<void> {
  const say = (line: string): void => void socket.write(`${line}\r\n`)
  let from = ''
  let to: string[] = []
  let data: string[] | undefined
  say('220 mail.test ESMTP')
  for await (const line of createInterface({ input: socket, crlfDelay: Infinity })) {
    if (data !== undefined) {
      if (line !== '.') {
        data.push(line.replace(/^\.\./, '.'))
        continue
      }
      mails.push({ from, to, text: data.join('\n') })
      data = undefined
      to = []
      say('250 2.0.0 taken')
      continue
    }
    const command = line.slice(0, 4).toUpperCase()
    const refusal = refuse.get(line) ?? refuse.get(command)
    const address = /<(.*?)>/.exec(line)?.[1] ?? ''
    if (refusal !== undefined) say(refusal)
    else if (command === 'EHLO') say('250-mail.test\r\n250 AUTH PLAIN')
    else if (command === 'AUTH') {
      logins.push(Buffer.from(line.slice('AUTH PLAIN '.length), 'base64').toString())
      say('235 2.7.0 welcome')
    } else if (command === 'MAIL') {
      from = address
      say('250 2.1.0 ok')
    } else if (command === 'RCPT') {
      to.push(address)
      say('250 2.1.5 ok')
    } else if (command === 'DATA') {
      data = []
      say('354 go on')
    } else if (command === 'QUIT') {
      say('221 2.0.0 bye')
      socket.end()
    } else say('500 5.5.1 unknown')
  }
}
