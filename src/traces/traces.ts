import type * as OpenTelemetry from '@opentelemetry/api'
import type { Attributes, Context, SpanKind, Tracer } from '@opentelemetry/api'
import type { AttemptSeen, Observer, RequestSeen } from '../routing/observer.ts'

// A request whose end is never told must not be remembered for ever.
const mostOpen = 10_000

type Api = typeof OpenTelemetry

/**
 * Spans by the GenAI semantic conventions, for whatever OpenTelemetry SDK the process has registered; without one nothing
 * comes of them. They are made when a request has ended, with the times at which things happened, so a request that runs
 * carries nothing along.
 */
export async function createTraces(): Promise<Observer> {
  return new Traces(await import('@opentelemetry/api'))
}

interface Ended {
  readonly seen: AttemptSeen
  readonly endedAt: number
}

class Traces implements Observer {
  readonly #api: Api
  /** Attempts by request, until that ends. */
  readonly #attempts: Map<string, Ended[]> = new Map()

  constructor(api: Api) {
    this.#api = api
  }

  attempt(seen: AttemptSeen): void {
    if (this.#attempts.size >= mostOpen) this.#attempts.clear()
    const ended = { seen, endedAt: epochMs() }
    const known = this.#attempts.get(seen.call)
    if (known === undefined) this.#attempts.set(seen.call, [ended])
    else known.push(ended)
  }

  request(seen: RequestSeen): void {
    const { trace, propagation, ROOT_CONTEXT, SpanKind: kinds } = this.#api
    const attempts = this.#attempts.get(seen.id) ?? []
    this.#attempts.delete(seen.id)
    // Asked for each time: an SDK may be registered after us.
    const tracer = trace.getTracer('switchyard')
    const context = this.#span(tracer, propagation.extract(ROOT_CONTEXT, seen.trace ?? {}), {
      kind: kinds.SERVER,
      operation: seen.kind,
      model: seen.model,
      endedAt: epochMs(),
      durationMs: seen.durationMs,
      error: seen.outcome === 'ok' ? undefined : seen.outcome,
      attributes: {
        'switchyard.request.id': seen.id,
        'switchyard.client': seen.client,
        'gen_ai.provider.name': seen.provider,
        'gen_ai.response.model': seen.served,
        ...usageOf(seen),
      },
    })
    for (const { seen: attempt, endedAt } of attempts) {
      const { hostname, port } = new URL(attempt.origin)
      this.#span(tracer, context, {
        kind: kinds.CLIENT,
        operation: attempt.kind,
        model: attempt.model,
        endedAt,
        durationMs: attempt.durationMs,
        error: attempt.state === 'done' ? undefined : (attempt.fault ?? attempt.state),
        attributes: {
          'switchyard.lane': attempt.lane,
          'gen_ai.provider.name': attempt.provider,
          'gen_ai.response.model': attempt.served,
          ...usageOf(attempt),
          'server.address': hostname,
          ...(port === '' ? {} : { 'server.port': Number(port) }),
        },
      })
    }
  }

  #span(
    tracer: Tracer,
    parent: Context,
    facts: {
      readonly kind: SpanKind
      readonly operation: string
      readonly model: string | undefined
      readonly endedAt: number
      readonly durationMs: number
      readonly error: string | undefined
      readonly attributes: Attributes
    },
  ): Context {
    const { operation, model, kind, endedAt, durationMs, error } = facts
    const attributes: Attributes = {
      'gen_ai.operation.name': operation,
      'gen_ai.request.model': model,
      ...facts.attributes,
      'error.type': error,
    }
    const name = model === undefined ? operation : `${operation} ${model}`
    const span = tracer.startSpan(name, { kind, attributes, startTime: endedAt - durationMs }, parent)
    if (error !== undefined) span.setStatus({ code: this.#api.SpanStatusCode.ERROR })
    span.end(endedAt)
    return this.#api.trace.setSpan(parent, span)
  }
}

function usageOf({ usage }: Pick<AttemptSeen, 'usage'>): Attributes {
  if (usage === undefined) return {}
  return { 'gen_ai.usage.input_tokens': usage.input, 'gen_ai.usage.output_tokens': usage.output }
}

/** On the clock of the durations, which no correction of the system's clock moves. */
function epochMs(): number {
  return performance.timeOrigin + performance.now()
}
