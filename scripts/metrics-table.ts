// Writes docs/reference/metrics.md from the series that the gateway keeps. `--check` only compares.
// Run: npm run docs:metrics
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { errorCodes } from '../src/errors.ts'
import { counters, gauges, histograms, type Series } from '../src/metrics/series.ts'
import { faultPolicy } from '../src/providers/fault-policy.ts'

const page = join(import.meta.dirname, '../docs/reference/metrics.md')

function table(series: readonly Series[]): string {
  const rows = series.map(
    ({ name, labels, help }) =>
      `| \`${name}\` | ${labels.map((label) => `\`${label}\``).join(', ')} | ${help} |`,
  )
  return ['| series | labels | what it is |', '| --- | --- | --- |', ...rows].join('\n')
}

const words = (list: readonly string[]): string => list.map((word) => `\`${word}\``).join(', ')

const text = `# Metrics

What \`GET /metrics\` of the gateway tells, generated from the code by \`npm run docs:metrics\` (\`npm run check\` compares them).
How to set it up: [monitoring](../guides/monitoring.md).

The page is Prometheus text, or OpenMetrics for a scraper whose \`Accept\` header likes that as well. It wants the metrics key
(or the admin key) as \`Authorization: Bearer …\`: from \`SWITCHYARD_METRICS_KEY\` or \`SWITCHYARD_METRICS_KEY_FILE\`, else
\`server.metricsKey\` or \`server.metricsKeyFile\`, else the file \`metrics-key\` that the first start makes in SWITCHYARD_HOME.

## Counters

From 0 at the start of the process. The first scrape makes the series that alerts watch appear with 0.

${table(Object.values(counters))}

## Histograms

${table(Object.values(histograms))}

${Object.values(histograms)
  .map(({ name, buckets }) => `Buckets of \`${name}\`: ${buckets.join(', ')} s.`)
  .join('\n\n')}

## Gauges

Read from the router's state when somebody scrapes, and not before. The ledger is not asked, so they are there while it fails.

${table(Object.values(gauges))}

## The process

\`process_*\` and \`nodejs_*\` are those of [@prometheus-io/client](https://github.com/prometheus/client_js): CPU, memory, open files, garbage
collection, and the delay of the event loop (\`nodejs_eventloop_lag_p99_seconds\` and its like, since the scrape before).

## Labels

| label | values |
| --- | --- |
| \`client\` | names under \`clients\`, and \`default\` |
| \`dialect\` | \`openai-chat\`, \`openai-responses\`, \`anthropic\`, \`ollama\` and so on; not what the service was asked in |
| \`provider\` | names of services; of requests that nobody answered \`none\` |
| \`account\`, \`key\` | names of accounts and keys, never a key itself |
| \`lane\` | \`free\`, \`included\`, \`paid\`; of cooldowns \`free\` when only the free lane rests |
| \`model\` | names in the catalogue of the provider; every other one is \`other\` |
| \`window\` | names of limits, such as \`minute\`, \`day\`, \`usd-day\`, \`in-flight\` |
| \`unit\` | \`requests\`, \`tokens\`, \`dollars\`, \`calls\` |
| \`budget\` | a spending ceiling, such as \`paid lane, per day\` |
| \`type\` | \`input\`, \`cached\`, \`output\`, \`reasoning\` |
| \`state\` | \`usable\`, \`spent\`, \`resting\` |
| \`outcome\` of requests | \`ok\`; of answers that began \`truncated\`, \`failed\`; else the error code: ${words(Object.keys(errorCodes))} |
| \`outcome\` of attempts | \`done\`, \`failed\`, \`truncated\`, \`aborted\` |
| \`fault\`, \`kind\` | empty, or the kind of the [fault](faults.md): ${words(Object.keys(faultPolicy))} |

No label holds what a client made up, so the number of series is bounded by config and catalogues.
`

if (process.argv.includes('--check')) {
  if (readFileSync(page, 'utf8') !== text) {
    console.error('docs/reference/metrics.md is not what the code says; run: npm run docs:metrics')
    process.exitCode = 1
  }
} else {
  writeFileSync(page, text)
}
