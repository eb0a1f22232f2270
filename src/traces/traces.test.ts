import assert from 'node:assert/strict'
import { after, beforeEach, test } from 'node:test'
import { context, propagation, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base'
import type { AttemptSeen, RequestSeen } from '../routing/observer.ts'
import { createTraces } from './traces.ts'

const exporter = new InMemorySpanExporter()
const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] })
const traces = await createTraces()
// After ours: whoever starts the gateway need not care about the order.
trace.setGlobalTracerProvider(provider)
after(() => {
  trace.disable()
  context.disable()
  propagation.disable()
})
beforeEach(() => exporter.reset())

const attempt: AttemptSeen = {
  call: 'r1',
  number: 1,
  client: 'team',
  provider: 'one',
  origin: 'https://one.example:8443',
  lane: 'free',
  model: 'vendor/model',
  listed: true,
  kind: 'chat',
  state: 'failed',
  fault: 'quota',
  wasted: false,
  durationMs: 20,
}
const request: RequestSeen = {
  id: 'r1',
  client: 'team',
  dialect: 'anthropic',
  kind: 'chat',
  model: 'auto',
  provider: 'two',
  served: 'model-2',
  outcome: 'ok',
  usage: { input: 7, output: 5 },
  durationMs: 100,
}

function spans(): readonly ReadableSpan[] {
  return exporter.getFinishedSpans()
}
const ms = ([seconds, nanos]: readonly [number, number]): number => seconds * 1000 + nanos / 1e6

test('a request is one span, and each of its calls a child with the times it had', () => {
  traces.attempt(attempt)
  const answered = { number: 2, provider: 'two', origin: 'http://two.example', state: 'done' } as const
  const { fault: _, ...without } = attempt
  traces.attempt({
    ...without,
    ...answered,
    served: 'model-2',
    usage: { input: 7, output: 5 },
    durationMs: 50,
  })
  traces.attempt({ ...attempt, call: 'another request' })
  traces.request(request)
  const [root, first, second] = spans()
  assert.ok(root !== undefined && first !== undefined && second !== undefined)
  assert.equal(spans().length, 3)
  assert.deepEqual([root.name, root.kind, root.parentSpanContext], ['chat auto', SpanKind.SERVER, undefined])
  assert.deepEqual(root.attributes, {
    'gen_ai.operation.name': 'chat',
    'gen_ai.request.model': 'auto',
    'gen_ai.provider.name': 'two',
    'gen_ai.response.model': 'model-2',
    'gen_ai.usage.input_tokens': 7,
    'gen_ai.usage.output_tokens': 5,
    'switchyard.request.id': 'r1',
    'switchyard.client': 'team',
  })
  for (const child of [first, second]) {
    assert.deepEqual([child.name, child.kind], ['chat vendor/model', SpanKind.CLIENT])
    assert.equal(child.parentSpanContext?.spanId, root.spanContext().spanId)
    assert.equal(child.spanContext().traceId, root.spanContext().traceId)
  }
  assert.deepEqual(first.attributes, {
    'gen_ai.operation.name': 'chat',
    'gen_ai.request.model': 'vendor/model',
    'gen_ai.provider.name': 'one',
    'switchyard.lane': 'free',
    'server.address': 'one.example',
    'server.port': 8443,
    'error.type': 'quota',
  })
  assert.equal(first.status.code, SpanStatusCode.ERROR)
  assert.deepEqual(
    [second.status.code, second.attributes['server.address'], second.attributes['server.port']],
    [SpanStatusCode.UNSET, 'two.example', undefined],
  )
  assert.deepEqual(
    [root, first, second].map(({ duration }) => Math.round(ms(duration))),
    [100, 20, 50],
  )
  assert.ok(ms(second.endTime) <= ms(root.endTime))
  assert.ok(Math.abs(ms(root.endTime) - Date.now()) < 60_000)
})

test('a request that failed says how; of one that could not be read no model is known', () => {
  const { model: _, provider: __, served: ___, usage: ____, ...unread } = request
  traces.request({ ...unread, outcome: 'invalid_request' })
  const [only] = spans()
  assert.deepEqual([only?.name, only?.status.code], ['chat', SpanStatusCode.ERROR])
  assert.equal(only?.attributes['error.type'], 'invalid_request')
})

test('a trace that the client began is continued', () => {
  propagation.setGlobalPropagator({
    inject: () => {},
    fields: () => ['traceparent'],
    // What the SDK's own W3CTraceContextPropagator does, for one header.
    extract: (into, carrier: { readonly traceparent?: string }) => {
      const [, traceId = '', spanId = ''] = carrier.traceparent?.split('-') ?? []
      return traceId === ''
        ? into
        : trace.setSpanContext(into, { traceId, spanId, traceFlags: 1, isRemote: true })
    },
  })
  const traceId = '0af7651916cd43dd8448eb211c80319c'
  traces.request({ ...request, trace: { traceparent: `00-${traceId}-b7ad6b7169203331-01` } })
  const [only] = spans()
  assert.deepEqual(
    [only?.spanContext().traceId, only?.parentSpanContext?.spanId],
    [traceId, 'b7ad6b7169203331'],
  )
})
