import type { Random } from '../../src/clock.ts'
import { Pool } from 'undici'
import { clientKey } from './gateway-process.ts'

const connections = 8

/** Free and paid, relayed and translated: every way an answer can end. */
const models: readonly string[] = ['auto', 'google/gemma-4-31b-it', 'gpt-oss:120b']

/** Requests on eight connections, each as soon as the one before has ended, until the gateway is gone. */
export interface Load {
  /** Ids of the requests whose answers have arrived to their last byte. */
  readonly received: ReadonlySet<string>
  /** What should not have happened: an error status, or a broken connection before `expectEnd`. */
  readonly problems: ReadonlySet<string>
  /** The first answer, or the first problem, is there. */
  readonly begun: Promise<void>
  /** The gateway is about to be killed: from here on connections may break. */
  expectEnd(): void
  readonly ended: Promise<void>
}

export function startLoad(url: string, random: Random): Load {
  const pool = new Pool(url, { connections, pipelining: 1, allowH2: false })
  const received = new Set<string>()
  const problems = new Set<string>()
  const ending = new AbortController()
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>()
  const worker = async (): Promise<void> => {
    while (!ending.signal.aborted) {
      const stream = random() < 0.5
      const model = models[Math.floor(random() * models.length)]
      const reply = await pool.request({
        method: 'POST',
        path: '/v1/chat/completions',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${clientKey}` },
        body: JSON.stringify({
          model,
          stream,
          messages: [{ role: 'user', content: 'Tell me about ponds.' }],
        }),
      })
      const id = String(reply.headers['x-request-id'])
      let text = ''
      for await (const chunk of reply.body) {
        text += String(chunk)
        // Stricter than the end of the body: from this mark on a client takes the answer for whole.
        if (stream && text.includes('data: [DONE]')) received.add(id)
      }
      if (!stream && reply.statusCode === 200) received.add(id)
      if (!received.has(id)) problems.add(`status ${reply.statusCode}: ${text.slice(0, 300)}`)
      begin()
    }
  }
  const guarded = (): Promise<void> =>
    worker().catch((error: unknown) => {
      if (!ending.signal.aborted) problems.add(String(error))
      begin()
    })
  return {
    received,
    problems,
    begun,
    expectEnd: () => ending.abort(),
    ended: Promise.all(Array.from({ length: connections }, guarded)).then(() => pool.destroy()),
  }
}
