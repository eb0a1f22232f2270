import { isContent } from '../chat/fold.ts'
import type { Clock } from '../clock.ts'
import { isRouterError } from '../errors.ts'
import type { LedgerStore } from '../ledger/ledger.ts'
import { judge, networkFault } from '../providers/faults.ts'
import type { Fault } from '../providers/provider.ts'
import { redact } from '../providers/redact.ts'
import { type ErrorEvent, readEnding } from '../relay/outcome.ts'
import { answeredWithoutText, peek } from '../relay/peek.ts'
import { createPlainReply } from '../relay/plain-reply.ts'
import type { Reply } from '../relay/reply.ts'
import { StreamReply } from '../relay/stream-reply.ts'
import type { Transport, UpstreamReply } from '../wire/transport.ts'
import type { Observer } from './observer.ts'
import {
  brokenAnswer,
  collectSome,
  embeddedStatus,
  emptyAnswer,
  isJson,
  plainMaxBytes,
  readPlain,
} from './reading.ts'
import type { Log, RoutingSettings, UnknownHeard } from './settings.ts'
import { type AttemptCall, type Bill, Settlement } from './settlement.ts'
import { headersFor } from './upstream.ts'

export interface AttemptPorts {
  readonly transport: Transport
  readonly ledger: LedgerStore
  readonly clock: Clock
  readonly log: Log
  readonly routing: RoutingSettings
  /** Hears of error answers that no rule knows; the text holds no secret. */
  readonly unknown: UnknownHeard
  readonly observe?: Observer | undefined
}

export type AttemptEnd =
  | { readonly type: 'reply'; readonly reply: Reply; readonly bill: Bill }
  | { readonly type: 'fault'; readonly fault: Fault }
  | { readonly type: 'aborted' }

/**
 * Makes one upstream call, up to the first content of its answer. Lease and ledger row are settled exactly once,
 * whatever happens; of a stream, when its end has been reached.
 */
export async function attempt(
  call: AttemptCall,
  body: readonly Uint8Array[],
  signal: AbortSignal | undefined,
  ports: AttemptPorts,
): Promise<AttemptEnd> {
  const run = new Run(call, signal, ports)
  try {
    return await run.send(body)
  } catch (error) {
    return run.thrown(error)
  }
}

class Run {
  readonly #call: AttemptCall
  readonly #ports: AttemptPorts
  readonly #settlement: Settlement
  readonly #abort: AbortController = new AbortController()
  readonly #client: AbortSignal | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(call: AttemptCall, client: AbortSignal | undefined, ports: AttemptPorts) {
    this.#call = call
    this.#ports = ports
    this.#settlement = new Settlement(call, ports)
    this.#client = client
    client?.addEventListener('abort', this.#onClientAbort, { once: true })
    if (client?.aborted === true) this.#onClientAbort()
  }

  async send(body: readonly Uint8Array[]): Promise<AttemptEnd> {
    const { candidate, draft, lease } = this.#call
    const { upstream } = candidate
    const { firstContentMs, wholeMs } = this.#ports.routing
    // The first content of a whole answer is its end.
    const waitMs = draft.stream ? firstContentMs : wholeMs
    this.#deadline(
      waitMs,
      `no ${draft.stream ? 'content' : 'answer'} from ${upstream.provider.title} within ${waitMs / 1000} s`,
    )
    const reply = await this.#ports.transport.request({
      method: 'POST',
      origin: upstream.origin,
      path: this.#call.voice.path,
      headers: headersFor(upstream, lease.credential),
      body,
      signal: this.#abort.signal,
    })
    if (reply.status < 200 || reply.status > 299) return this.#refused(reply)
    const encoding = reply.headers['content-encoding']
    if (encoding !== undefined && encoding !== 'identity') {
      reply.body.abort()
      return this.#fault(brokenAnswer('the answer is compressed though that was not asked for'))
    }
    return draft.stream && !isJson(reply) ? this.#stream(reply) : this.#plain(reply)
  }

  async #stream(reply: UpstreamReply): Promise<AttemptEnd> {
    const { dialect } = this.#call.voice
    const peeked = await peek(reply.body, dialect)
    if (peeked.kind === 'error') return this.#fault(this.#judgeEmbedded(peeked.error, reply))
    if (peeked.kind === 'empty') return this.#fault(emptyAnswer)
    this.#settlement.content()
    const { totalMs } = this.#ports.routing
    this.#deadline(totalMs, `the answer took longer than ${totalMs / 1000} s`)
    const streamed = new StreamReply(
      dialect,
      peeked.head,
      async (outcome) => {
        this.#release()
        const fault = outcome.error === undefined ? undefined : this.#judgeEmbedded(outcome.error, reply)
        await this.#settlement.finished(outcome, fault)
        return fault?.message
      },
      this.#abort.signal,
    )
    return { type: 'reply', reply: streamed, bill: this.#settlement.bill }
  }

  async #plain(reply: UpstreamReply): Promise<AttemptEnd> {
    const { dialect } = this.#call.voice
    const bytes = await reply.body.collect(plainMaxBytes)
    const { events, isBody, problem } = readPlain(dialect, bytes)
    const error = events.find((event) => event.type === 'error')
    if (error !== undefined) return this.#fault(this.#judgeEmbedded(error, reply))
    if (!events.some(isContent) && !answeredWithoutText(events)) {
      return this.#fault(isBody ? emptyAnswer : brokenAnswer(problem))
    }
    this.#release()
    this.#settlement.content()
    const { usage, served, finish } = readEnding(events)
    await this.#settlement.finished({
      end: 'complete',
      pieces: events.length,
      ...(usage === undefined ? {} : { usage }),
      ...(served === undefined ? {} : { served }),
      ...(finish === undefined ? {} : { finish }),
    })
    const plain = createPlainReply(dialect, events, isBody ? bytes : undefined)
    return { type: 'reply', reply: plain, bill: this.#settlement.bill }
  }

  /** The network, a deadline, or the client leaving. */
  thrown(error: unknown): AttemptEnd {
    if (this.#client?.aborted !== true) {
      // Ours: the answer broke a bound, on a network that was fine.
      if (isRouterError(error)) return this.#fault(brokenAnswer(error.message))
      return this.#fault(networkFault(this.#abort.signal.aborted ? this.#abort.signal.reason : error))
    }
    this.#release()
    this.#settlement.aborted()
    return { type: 'aborted' }
  }

  async #refused(reply: UpstreamReply): Promise<AttemptEnd> {
    const text = await collectSome(reply)
    // Half a body says nothing about anybody when it was the client who cut it.
    return this.#client?.aborted === true
      ? this.thrown(undefined)
      : this.#fault(this.#judge(reply.status, reply, text))
  }

  /** An error inside a 200 counts as if its own code had been the status. */
  #judgeEmbedded(error: ErrorEvent, reply: UpstreamReply): Fault {
    // Without words of the service's own the answer was unreadable, which says nothing about key or model.
    if (error.raw === undefined) return brokenAnswer(error.message)
    return this.#judge(embeddedStatus(error.code), reply, error.raw)
  }

  #judge(status: number, reply: UpstreamReply, words: string): Fault {
    const { candidate, lease } = this.#call
    const { secret } = lease.credential
    const text = secret?.hiddenIn(words) ?? words
    const raw = { status, headers: reply.headers, text }
    const fault = judge(candidate.upstream.provider, raw, this.#ports.clock.now())
    if (fault.rule === 'unknown')
      this.#ports.unknown(candidate.upstream.provider.name, { ...raw, text: redact(text) })
    // Again: in JSON the key may have been written with escapes.
    return { ...fault, message: secret?.hiddenIn(fault.message) ?? fault.message }
  }

  #fault(fault: Fault): AttemptEnd {
    this.#release()
    this.#settlement.failed(fault)
    return { type: 'fault', fault }
  }

  #deadline(ms: number, message: string): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#abort.abort(new DOMException(message, 'TimeoutError')), ms)
  }

  #release(): void {
    clearTimeout(this.#timer)
    this.#client?.removeEventListener('abort', this.#onClientAbort)
  }

  #onClientAbort = (): void => {
    this.#abort.abort(new DOMException('the client left', 'AbortError'))
  }
}
