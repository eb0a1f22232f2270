import type { ServerResponse } from 'node:http'
import type { DialectName } from '../chat/types.ts'
import type { AnswerContext, Dialect } from '../dialects/dialect.ts'
import { dialectNamed } from '../dialects/index.ts'
import { draftFromBytes } from '../relay/draft.ts'
import type { Routed } from '../routing/dispatch.ts'
import { readJsonBody } from './body.ts'
import { sendBytes, wireError } from './respond.ts'
import type { Exchange, Handler } from './route.ts'
import { isShutdown, shutdownError } from './shutdown.ts'
import { pipeChunks } from './stream.ts'

/** A request in one dialect: client bytes → draft → router → reply, streamed or whole, in the same dialect. */
export function inference(name: DialectName): Handler {
  const dialect = dialectNamed(name)
  return (exchange) => infer(dialect, exchange)
}

async function infer(
  dialect: Dialect,
  { request, response, context, signal, id, client, body }: Exchange,
): Promise<void> {
  const draft = draftFromBytes(dialect, body ?? (await readJsonBody(request, context.maxBodyBytes)))
  const prefer = request.headers['x-switchyard-provider']
  const routed = await context.core.send(draft, {
    signal,
    id,
    ...(client === undefined ? {} : { client: client.name, freeOnly: client.freeOnly }),
    ...(typeof prefer === 'string' ? { preferProvider: prefer } : {}),
  })
  const headers = [...routedHeaders(routed), ...context.headers]
  const answer = draft.answerContext(context.now())
  if (!draft.stream) {
    const cost = costText(routed)
    if (cost !== undefined) headers.push('x-switchyard-cost', cost)
    sendBytes(response, 200, routed.reply.body(dialect, answer), [
      'content-type',
      'application/json',
      ...headers,
    ])
    return
  }
  await stream(routed, headers, { dialect, answer, response, signal })
}

async function stream(
  routed: Routed,
  headers: string[],
  to: Pick<Exchange, 'response' | 'signal'> & { readonly dialect: Dialect; readonly answer: AnswerContext },
): Promise<void> {
  const { dialect, answer, response, signal } = to
  // Free calls cost nothing whatever the stream brings; the cost of others is known at its end and comes as a trailer.
  const trailed = !routed.free && takesTrailers(response)
  if (routed.free) headers.push('x-switchyard-cost', '0')
  else if (trailed) headers.push('trailer', 'x-switchyard-cost')
  response.writeHead(200, [
    'content-type',
    dialect.streamType,
    'cache-control',
    'no-cache',
    'x-accel-buffering',
    'no',
    ...headers,
  ])
  const last = await pipeChunks(routed.reply.chunks(dialect, answer), response)
  if (last === undefined) return
  // To the router our own shutdown looks like a client that left, whom nobody tells anything.
  if (isShutdown(signal) && !hasEndMark(last, dialect))
    response.write(
      `${dialect.framing === 'sse' ? '\n\n' : ''}${dialect.errorFrame(wireError(shutdownError()))}`,
    )
  const cost = costText(routed)
  if (trailed && cost !== undefined) response.addTrailers({ 'x-switchyard-cost': cost })
  response.end()
}

/** HTTP/1.0 has no chunks, and without chunks no trailers; some proxies still speak it. */
function takesTrailers({ req }: ServerResponse): boolean {
  return req.httpVersionMajor > 1 || req.httpVersionMinor > 0
}

function hasEndMark(chunk: Uint8Array, { endMark }: Dialect): boolean {
  const text = Buffer.from(chunk)
  return endMark?.words.some((word) => text.includes(word)) === true
}

/** Flat: name, value, name, value. Values come from upstreams and config, so only printable ASCII passes. */
function routedHeaders(routed: Routed): string[] {
  const facts: Record<string, string> = {
    'x-request-id': routed.id,
    'x-switchyard-provider': routed.provider,
    'x-switchyard-model': routed.model,
    'x-switchyard-key': routed.keyName,
    'x-switchyard-attempts': String(routed.attempts),
  }
  if (routed.lost.length > 0) facts['x-switchyard-warnings'] = routed.lost.join('; ')
  return Object.entries(facts).flatMap(([name, value]) => [
    name,
    value.replaceAll(/[^\x20-\x7e]/g, '?').slice(0, 500),
  ])
}

/** US dollars, exact to the nano-dollar; undefined when nobody knows. */
function costText({ bill }: Routed): string | undefined {
  if (bill.nanoUsd === undefined) return undefined
  const text = (bill.nanoUsd / 1e9).toFixed(9).replace(/\.?0+$/, '')
  return text === '' ? '0' : text
}
