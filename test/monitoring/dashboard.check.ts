import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { after, before, test } from 'node:test'
import { counters, gauges, histograms } from '../../src/metrics/series.ts'
import { metricsKey } from '../support/stand.ts'
import { type BusyGateway, openBusyGateway } from './busy-gateway.ts'
import { type Prometheus, type Sample, startPrometheus } from './prometheus.ts'
import { runTool } from './tools.ts'

interface Panel {
  readonly id: number
  readonly type: string
  readonly title: string
  readonly targets?: readonly { readonly refId: string; readonly expr: string }[]
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number }
}

const grafana = (file: string): string => fileURLToPath(new URL(`../../grafana/${file}`, import.meta.url))
const { panels } = JSON.parse(readFileSync(grafana('dashboard.json'), 'utf8')) as {
  readonly panels: readonly Panel[]
}
const shown = panels.filter(({ type }) => type !== 'row')
// Longer than the load has to run for two scrapes to lie in it, shorter than the test.
const waitMs = 30_000

let busy: BusyGateway
let prometheus: Prometheus
before(async () => {
  busy = await openBusyGateway()
  prometheus = await startPrometheus({
    target: busy.stand.gateway.url,
    key: metricsKey,
    rules: grafana('alerts.yml'),
  })
  // What comes before the first scrape is no increase.
  await eventually(() => query('up{job="switchyard"} == 1'), hasNumber)
  busy.begin()
})
after(async () => {
  await prometheus?.[Symbol.asyncDispose]()
  await busy?.[Symbol.asyncDispose]()
})

/** As Grafana would fill in its own variables. */
function filledIn(expr: string): string {
  return expr.replaceAll('$__rate_interval', '10s').replaceAll('$__range', '1m').replaceAll('$provider', '.*')
}

/** Asks until an answer is right; the last one when none is. */
async function eventually<Answer>(
  get: () => Promise<Answer>,
  right: (answer: Answer) => boolean,
): Promise<Answer> {
  const end = performance.now() + waitMs
  for (;;) {
    const answer = await get().catch((error: unknown) => error)
    const good = !(answer instanceof Error)
    if (good && right(answer as Answer)) return answer as Answer
    if (performance.now() > end) {
      if (good) return answer as Answer
      throw answer
    }
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
}

const query = async (text: string): Promise<readonly Sample[]> =>
  ((await prometheus.ask('query', { query: text })) as { readonly result: readonly Sample[] }).result
const hasNumber = (samples: readonly Sample[]): boolean => samples.some(({ value }) => value[1] !== 'NaN')

test('Prometheus scrapes the gateway with the metrics key, in OpenMetrics', async () => {
  const samples = await eventually(
    () => query('up{job="switchyard"}'),
    (found) => found[0]?.value[1] === '1',
  )
  const { activeTargets } = (await prometheus.ask('targets')) as {
    readonly activeTargets: readonly { readonly lastError: string }[]
  }
  assert.deepEqual([samples[0]?.value[1], activeTargets[0]?.lastError], ['1', ''])
  // Units come with OpenMetrics only.
  const metadata = await eventually(
    () => prometheus.ask('metadata', { metric: 'switchyard_cost_dollars' }),
    (found) => Object.keys(found as object).length > 0,
  )
  const known = Object.values(metadata as Record<string, readonly { readonly unit: string }[]>)
  assert.equal(known[0]?.[0]?.unit, 'dollars')
})

for (const { title, targets = [] } of shown) {
  test(`the panel "${title}" shows something`, async () => {
    assert.ok(targets.length > 0)
    for (const { refId, expr } of targets) {
      assert.doesNotMatch(filledIn(expr), /\$/, 'a variable that nobody fills in')
      const samples = await eventually(() => query(filledIn(expr)), hasNumber)
      assert.ok(hasNumber(samples), `${refId}: ${expr}`)
    }
  })
}

test('every series that the gateway keeps is there, and a panel shows it or an alert watches it', async () => {
  const used = readFileSync(grafana('dashboard.json'), 'utf8') + readFileSync(grafana('alerts.yml'), 'utf8')
  const unwatched = new Set(['switchyard_unpriced_attempts_total'])
  for (const { name } of [...Object.values(counters), ...Object.values(gauges)]) {
    if (!unwatched.has(name)) assert.ok(used.includes(name), `${name} is shown nowhere`)
    const samples = await eventually(
      () => query(name),
      (found) => found.length > 0,
    )
    if (!unwatched.has(name)) assert.ok(samples.length > 0, name)
  }
  for (const { name } of Object.values(histograms)) {
    assert.ok(used.includes(`${name}_bucket`), `${name} is shown nowhere`)
    assert.ok((await query(`${name}_count`)).length > 0, name)
  }
})

test('rules are evaluated without errors, and what the load brings about is told of', async () => {
  const wanted = [
    'SwitchyardBudget100',
    'SwitchyardBudget80',
    'SwitchyardKeyDead',
    'SwitchyardPaidLaneEntered',
  ]
  const firing = async (): Promise<readonly string[]> => {
    const found = await query('ALERTS{alertstate="firing"}')
    return [...new Set(found.map(({ metric }) => metric['alertname'] ?? ''))].toSorted()
  }
  const found = await eventually(firing, (names) => wanted.every((name) => names.includes(name)))
  assert.deepEqual(found, wanted)
  const { groups } = (await prometheus.ask('rules')) as {
    readonly groups: readonly {
      readonly rules: readonly { readonly name: string; readonly health: string }[]
    }[]
  }
  for (const { name, health } of groups.flatMap(({ rules }) => rules)) assert.equal(health, 'ok', name)
})

test('promtool finds nothing wrong with the text', async () => {
  const reply = await fetch(`${busy.stand.gateway.url}/metrics`, {
    headers: { authorization: `Bearer ${metricsKey}` },
  })
  const { code, out } = await runTool('promtool', ['check', 'metrics'], { input: await reply.text() })
  assert.deepEqual([code, out.trim()], [0, ''])
  // Negative control: a counter with the wrong name is found.
  const wrong = '# HELP a Help.\n# TYPE a counter\na 1\n'
  assert.notEqual((await runTool('promtool', ['check', 'metrics'], { input: wrong })).code, 0)
})

test('panels do not lie on top of each other and have ids of their own', () => {
  assert.equal(new Set(panels.map(({ id }) => id)).size, panels.length)
  const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
    Array.from({ length: w * h }, (_, index) => `${x + (index % w)},${y + Math.floor(index / w)}`),
  )
  assert.equal(new Set(cells).size, cells.length)
  assert.ok(panels.every(({ gridPos: { x, w } }) => x + w <= 24))
})
