// Plays the road from free to paid and back against the simulator and writes docs/runs/original-sequence.md.
// Run: node scripts/original-sequence.ts   (npm run docs:run)
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createMovableClock } from '../src/clock.ts'
import { createRouter, type Router } from '../src/index.ts'
import { environmentFor, type Simulator, startSimulator } from '../src/simulator/index.ts'

interface Stage {
  readonly title: string
  readonly calls: number
  /** ISO time the clock is set to before the stage. */
  readonly at: string
}

const stages: readonly Stage[] = [
  {
    title: 'A busy minute: 20 free calls on each account, then the paid lane',
    calls: 70,
    at: '2026-11-23T12:00:00Z',
  },
  {
    title: 'The minute is over: the free accounts are back by themselves',
    calls: 60,
    at: '2026-11-23T12:01:00Z',
  },
  {
    title: 'Another minute: 10 calls are left of each day’s 50, then the paid lane',
    calls: 40,
    at: '2026-11-23T12:02:00Z',
  },
  {
    title: 'Hours later: the day is spent, everything is paid, both keys in balance',
    calls: 20,
    at: '2026-11-23T18:00:00Z',
  },
  { title: 'Just before midnight UTC: still paid', calls: 4, at: '2026-11-23T23:59:58Z' },
  { title: 'Midnight UTC has passed: the free day begins anew', calls: 10, at: '2026-11-24T00:00:00Z' },
]

const home = mkdtempSync(join(tmpdir(), 'switchyard-run-'))
const clock = createMovableClock({ start: Date.parse('2026-11-23T12:00:00Z') })
try {
  await using simulator = await startSimulator({ clock, seed: 1 })
  await using router = createRouter({
    environment: { SWITCHYARD_HOME: home, ...environmentFor(simulator) },
    clock,
  })
  const rows: string[] = []
  for (const stage of stages) {
    clock.set(Date.parse(stage.at))
    rows.push(`| ${stage.at.slice(11, 19)} | ${stage.title} | ${await play(router, stage.calls)} |`)
  }
  const text = report(rows, await statusLines(router), simulator)
  writeFileSync(join(import.meta.dirname, '../docs/runs/original-sequence.md'), text)
  console.log(text)
} finally {
  rmSync(home, { recursive: true, force: true })
}

async function play(router: Router, calls: number): Promise<string> {
  const order: { key: string; count: number }[] = []
  let usd = 0
  for (let call = 0; call < calls; call++) {
    const { keyName, cost } = await router.chat('Say something short.')
    usd += cost ?? Number.NaN
    const found = order.find(({ key }) => key === keyName)
    if (found === undefined) order.push({ key: keyName, count: 1 })
    else found.count++
  }
  return `${order.map(({ key, count }) => `${key} × ${count}`).join(', ')} | $${usd.toFixed(7)}`
}

async function statusLines(router: Router): Promise<string[]> {
  const { providers } = await router.getStatus()
  return providers.flatMap(({ accounts }) =>
    accounts.flatMap(({ windows, keys }) =>
      keys.map(({ name, today }) => {
        const day = windows.find((window) => window.name === 'day')
        return `| ${name} | ${day === undefined ? '–' : day.max === undefined ? day.used : `${day.used} of ${day.max}`} | ${today.requests} | ${today.failed} |`
      }),
    ),
  )
}

function report(rows: readonly string[], status: readonly string[], simulator: Simulator): string {
  const { openrouter, ollama } = simulator.counters()
  return `# The original sequence, recorded

Three OpenRouter accounts are spent one after the other, then two Ollama keys share the load, then the minute and the
day bring OpenRouter back by themselves. Recorded with \`npm run docs:run\` (Node ${process.version}) against the
simulator, seed 1, on a clock that the script moves; the script overwrites this page.

| UTC | what happens | calls by key, in the order of their first use | paid |
| --- | --- | --- | --- |
${rows.join('\n')}

The simulator counted, on its own side of the wire:

| | OpenRouter | Ollama Cloud |
| --- | --- | --- |
| calls received | ${openrouter.calls} | ${ollama.calls} |
| answered | ${openrouter.answered} | ${ollama.answered} |
| refused | ${openrouter.refused} | ${ollama.refused} |
| **wasted** (on an account already known to be spent) | **${openrouter.wasted}** | **${ollama.wasted}** |

What the router says of itself at the end (the new day, UTC):

| key | free calls of the day | calls today | failed today |
| --- | --- | --- | --- |
${status.join('\n')}
`
}
