import assert from 'node:assert/strict'
import { test } from 'node:test'
import { negotiate, toOpenMetrics } from './open-metrics.ts'

test('OpenMetrics is for those who ask for it by name and like it as well as text', () => {
  // As Prometheus 2.42 and 3 send it (github.com/prometheus/prometheus, scrape/scrape.go).
  const prometheus =
    'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1'
  const newer =
    'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,text/plain;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3,*/*;q=0.2'
  for (const accept of [
    prometheus,
    newer,
    'application/openmetrics-text',
    'Application/OpenMetrics-Text, */*',
  ])
    assert.equal(negotiate(accept), 'open-metrics', accept)
  for (const accept of [
    '',
    '*/*',
    'text/html, */*;q=0.8',
    'text/plain',
    'application/openmetrics-text;q=0',
    'application/openmetrics-text;q=0.1, text/plain',
    'application/openmetrics-text;q=x',
  ])
    assert.equal(negotiate(accept), 'text', accept)
})

test('counters lose their ending in what is said of them, units are named, and the end is marked', () => {
  const text = `# HELP a_seconds_total Time "well" spent.
# TYPE a_seconds_total counter
a_seconds_total{key="x y"} 1.5

# HELP b_bytes Size.
# TYPE b_bytes gauge
b_bytes Nan
`
  assert.equal(
    toOpenMetrics(text),
    `# HELP a_seconds Time \\"well\\" spent.
# TYPE a_seconds counter
# UNIT a_seconds seconds
a_seconds_total{key="x y"} 1.5
# HELP b_bytes Size.
# TYPE b_bytes gauge
# UNIT b_bytes bytes
b_bytes NaN
# EOF
`,
  )
})
