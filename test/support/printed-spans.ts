// Loaded into a gateway with `--import`, as its user would load an SDK: prints every span as one line of JSON.
import { trace } from '@opentelemetry/api'
import { BasicTracerProvider, SimpleSpanProcessor, type SpanExporter } from '@opentelemetry/sdk-trace-base'

const printer: SpanExporter = {
  export(spans, done) {
    for (const { name, attributes } of spans) console.log(`SPAN ${JSON.stringify({ name, attributes })}`)
    done({ code: 0 })
  },
  shutdown: async () => {},
}
trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(printer)] }))
