import type { ServerResponse } from 'node:http'
import type { DialectName } from '../chat/types.ts'
import type { AnswerContext, Dialect } from '../dialects/dialect.ts'
import { dialectNamed } from '../dialects/index.ts'
import { draftFromBytes } from '../relay/draft.ts'
import { endsAnswer } from '../relay/outcome.ts'
import { RequestError } from '../errors.ts'
import type { CallOptions, Routed } from '../routing/dispatch.ts'
import { readJsonBody } from './body.ts'
import { KeepAlive } from './keep-alive.ts'
import { knownError } from './known-error.ts'
import { sendBytes, wireError, wireErrorOf } from './respond.ts'
import type { Exchange, Handler } from './route.ts'
import { isShutdown, shutdownError } from './shutdown.ts'
import { pipeChunks } from './stream.ts'
import { Watch } from './watch.ts'

/** A request in one dialect: client bytes → draft → router → reply, streamed or whole, in the same dialect. */
export function inference(name: DialectName): Handler {
  const dialect = dialectNamed(name)
  return async (exchange) => {
    const { observe } = exchange.context.core
    if (observe === undefined) return infer(dialect, exchange)
    const watch = new Watch(dialect, exchange)
    try {
      await infer(dialect, exchange, watch)
    } catch (error) {
      watch.failed(error)
      throw error
    } finally {
      watch.tell(observe)
    }
  }
}

async function infer(dialect: Dialect, exchange: Exchange, watch?: Watch): Promise<void> {
  const { request, response, context, id } = exchange
  const draft = draftFromBytes(dialect, exchange.body ?? (await readJsonBody(request, context.maxBodyBytes)))
  watch?.read(draft)
  const options = callOptions(exchange)
  if (!draft.stream) {
    const routed = await context.core.send(draft, options)
    watch?.answered(routed)
    const cost = costText(routed)
    const answer = routed.reply.body(dialect, draft.answerContext(context.now()))
    sendBytes(response, 200, answer, [
      'content-type',
      'application/json',
      ...flat(factsOf(routed)),
      ...context.headers,
      ...(cost === undefined ? [] : ['x-switchyard-cost', cost]),
    ])
    return
  }
  const begin = (): void =>
    void response.writeHead(200, [
      ...streamHead(dialect),
      'x-request-id',
      id,
      ...context.headers,
      ...(takesTrailers(response) ? ['trailer', lateFacts.join(', ')] : []),
    ])
  using keepAlive = new KeepAlive(response, dialect, context.keepAliveMs, begin)
  let routed: Routed
  try {
    routed = await context.core.send(draft, options)
  } catch (error) {
    if (!keepAlive.begun) throw error
    watch?.failed(error)
    // The status went out with the first keep-alive: what is left is the dialect's own error.
    const known = knownError(error, exchange)
    if (!response.destroyed) response.end(dialect.errorFrame(wireErrorOf(known, context.now())))
    return
  }
  watch?.answered(routed)
  await stream(routed, draft.answerContext(context.now()), { dialect, exchange, keepAlive })
}

function callOptions({ request, signal, id, client }: Exchange): CallOptions {
  const prefer = request.headers['x-switchyard-provider']
  const maxWait = request.headers['x-switchyard-max-wait']
  return {
    signal,
    id,
    ...(client === undefined ? {} : { client: client.name, freeOnly: client.freeOnly }),
    ...(typeof prefer === 'string' ? { preferProvider: prefer } : {}),
    ...(typeof maxWait === 'string' ? { maxWaitMs: readMaxWait(maxWait) } : {}),
  }
}

const mostWaitSeconds = 600

function readMaxWait(text: string): number {
  const seconds = /^\d{1,4}(?:\.\d{1,3})?$/.test(text.trim()) ? Number(text) : Number.NaN
  if (seconds <= mostWaitSeconds) return seconds * 1000
  throw new RequestError(
    'invalid_request',
    `x-switchyard-max-wait takes seconds from 0 to ${mostWaitSeconds}; got "${text.slice(0, 20)}"`,
    'x-switchyard-max-wait',
  )
}

async function stream(
  routed: Routed,
  answer: AnswerContext,
  to: { readonly dialect: Dialect; readonly exchange: Exchange; readonly keepAlive: KeepAlive },
): Promise<void> {
  const { dialect, keepAlive } = to
  const { response, context, signal } = to.exchange
  const facts = factsOf(routed)
  // Free calls cost nothing whatever the stream brings; the cost of others is known at its end and comes as a trailer.
  const trailed = takesTrailers(response) && (keepAlive.begun || !routed.free)
  if (!keepAlive.begun) {
    response.writeHead(200, [
      ...streamHead(dialect),
      ...flat(facts),
      ...context.headers,
      ...(routed.free ? ['x-switchyard-cost', '0'] : trailed ? ['trailer', 'x-switchyard-cost'] : []),
    ])
  }
  keepAlive.stream()
  const last = await pipeChunks(routed.reply.chunks(dialect, answer), response, () => keepAlive.heard())
  if (last === undefined) return
  // To the router our own shutdown looks like a client that left, whom nobody tells anything.
  if (isShutdown(signal) && !endsAnswer(dialect, last))
    response.write(
      `${dialect.framing === 'sse' ? '\n\n' : ''}${dialect.errorFrame(wireError(shutdownError()))}`,
    )
  const cost = costText(routed)
  if (trailed) {
    response.addTrailers({
      ...(keepAlive.begun ? facts : {}),
      ...(cost === undefined ? {} : { 'x-switchyard-cost': cost }),
    })
  }
  response.end()
}

function streamHead({ streamType }: Dialect): readonly string[] {
  return ['content-type', streamType, 'cache-control', 'no-cache', 'x-accel-buffering', 'no']
}

/** HTTP/1.0 has no chunks, and without chunks no trailers; some proxies still speak it. */
function takesTrailers({ req }: ServerResponse): boolean {
  return req.httpVersionMajor > 1 || req.httpVersionMinor > 0
}

/** What is told of an answer beside its body. Values come from upstreams and config, so only printable ASCII passes. */
function factsOf(routed: Routed): Record<string, string> {
  const facts: Record<string, string> = {
    'x-request-id': routed.id,
    'request-id': routed.id,
    'x-switchyard-provider': routed.provider,
    'x-switchyard-model': routed.model,
    'x-switchyard-key': routed.keyName,
    'x-switchyard-attempts': String(routed.attempts),
  }
  if (routed.lost.length > 0) facts['x-switchyard-warnings'] = [...new Set(routed.lost)].join('; ')
  for (const [name, value] of Object.entries(facts))
    facts[name] = value.replaceAll(/[^\x20-\x7e]/g, '?').slice(0, 500)
  return facts
}

// Of an answer whose head went out before anybody was chosen.
const lateFacts: readonly string[] = [
  'x-switchyard-provider',
  'x-switchyard-model',
  'x-switchyard-key',
  'x-switchyard-attempts',
  'x-switchyard-warnings',
  'x-switchyard-cost',
]

/** Name, value, name, value. */
function flat(facts: Readonly<Record<string, string>>): string[] {
  return Object.entries(facts).flat()
}

/** US dollars, exact to the nano-dollar; undefined when nobody knows. */
function costText({ bill }: Routed): string | undefined {
  if (bill.nanoUsd === undefined) return undefined
  const text = (bill.nanoUsd / 1e9).toFixed(9).replace(/\.?0+$/, '')
  return text === '' ? '0' : text
}
