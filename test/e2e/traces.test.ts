import assert from 'node:assert/strict'
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { pathToFileURL } from 'node:url'
import type { AttemptSeen, RequestSeen } from '../../src/routing/observer.ts'
import { Desk } from '../support/cli.ts'
import { ask, openStand } from '../support/stand.ts'

test('an observer hears of the calls of a request, then of the request, and of the trace it belongs to', async () => {
  const heard: (AttemptSeen | RequestSeen)[] = []
  const observe = {
    attempt: (seen: AttemptSeen) => void heard.push(seen),
    request: (seen: RequestSeen) => void heard.push(seen),
  }
  await using stand = await openStand({ observe })
  stand.simulator.addFault({ provider: 'openrouter', kind: 'user-not-found' })
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
  const reply = await stand.chat(ask('hello', { stream: true }), {
    headers: { traceparent, tracestate: 'a=b' },
  })
  await reply.text()
  const [first, second, request] = heard
  assert.equal(heard.length, 3)
  assert.ok(first !== undefined && 'call' in first && second !== undefined && 'call' in second)
  assert.ok(request !== undefined && 'outcome' in request)
  assert.deepEqual([first.state, first.fault, first.number], ['failed', 'credential', 1])
  assert.deepEqual([second.state, second.number, second.origin], ['done', 2, stand.simulator.url])
  assert.deepEqual(
    new Set([first.call, second.call, request.id]),
    new Set([reply.headers.get('x-request-id')]),
  )
  assert.deepEqual(request.trace, { traceparent, tracestate: 'a=b' })
  assert.deepEqual([request.outcome, request.client, request.dialect], ['ok', 'default', 'openai-chat'])
  assert.ok(first.durationMs + second.durationMs <= request.durationMs)
  assert.ok((request.firstContentMs ?? 0) > 0)
})

test('an observer that fails costs no answer, and is told of', async () => {
  const fail = (): never => {
    throw new Error('no')
  }
  const warnings: string[] = []
  const log = { info: () => {}, warn: (message: string) => void warnings.push(message) }
  await using stand = await openStand({ observe: { attempt: fail, request: fail }, log })
  for (const stream of [false, true]) {
    const reply = await stand.chat(ask('hello', { stream }))
    assert.equal(reply.status, 200)
    assert.match(await reply.text(), stream ? /\[DONE\]/ : /hello/)
  }
  assert.deepEqual(
    warnings,
    Array.from({ length: 4 }, () => 'an observer failed'),
  )
})

/** A sandbox gateway with an OpenTelemetry SDK in its process, that was asked once and scraped. */
async function printed(
  environment: Record<string, string>,
): Promise<{ readonly spans: readonly string[]; readonly page: string }> {
  const sdk = pathToFileURL(join(import.meta.dirname, '../support/printed-spans.ts')).href
  using desk = new Desk({ NODE_OPTIONS: `--import ${sdk}`, SWITCHYARD_PORT: '0', ...environment })
  await using gateway = desk.start(['start'])
  const url = /listens on (http\S+)/.exec(await gateway.until(/Try it:/))?.[1]
  const read = (file: string): string => readFileSync(join(desk.home, file), 'utf8').trim()
  const reply = await fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${read('client-key')}`, 'content-type': 'application/json' },
    body: '{"messages":[{"role":"user","content":"hi"}]}',
  })
  assert.equal(reply.status, 200)
  await reply.text()
  const given = environment['SWITCHYARD_METRICS_KEY']
  if (given === undefined) assert.equal(statSync(join(desk.home, 'metrics-key')).mode & 0o777, 0o600)
  const key = given ?? read('metrics-key')
  const page = await (await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${key}` } })).text()
  const { out } = await gateway.stop()
  return { spans: out.split('\n').filter((line) => line.startsWith('SPAN ')), page }
}

test('switchyard start serves metrics; it tells spans to an SDK in its process, if that is wanted', async () => {
  const [off, on] = await Promise.all([
    printed({}),
    printed({ SWITCHYARD_TRACES: '1', SWITCHYARD_METRICS_KEY: 'a-metrics-key-of-my-own' }),
  ])
  assert.deepEqual(off.spans, [])
  assert.equal(on.spans.length, 2)
  for (const span of on.spans) assert.match(span, /^SPAN \{"name":"chat .*"gen_ai.operation.name":"chat"/)
  for (const { page } of [off, on]) assert.match(page, /^switchyard_requests_total\{.*outcome="ok"\} 1$/m)
})

test('a key for the metrics page that somebody else holds, or that is too short, is refused at the start', async () => {
  using desk = new Desk({ SWITCHYARD_PORT: '0', SWITCHYARD_METRICS_KEY: 'short' })
  const short = await desk.run(['start'])
  assert.equal(short.code, 1)
  assert.match(short.err, /SWITCHYARD_METRICS_KEY is too short/)
  using other = new Desk({
    SWITCHYARD_PORT: '0',
    SWITCHYARD_METRICS_KEY: 'one-key-for-everything',
    SWITCHYARD_API_KEY: 'one-key-for-everything',
  })
  const shared = await other.run(['start'])
  assert.equal(shared.code, 1)
  assert.match(shared.err, /metrics page.*same key/)
})
