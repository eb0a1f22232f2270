// npm run bench:ledger [-- --rows 100000 --keys 10000]: how fast a large ledger answers what a dashboard asks.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { openSqliteStore } from '../src/stores/sqlite.ts'
import { Rollups } from '../src/stores/rollups.ts'
import { startContestant } from './contestant.ts'
import { measurePages } from './ledger-pages.ts'
import { fillLedger } from './ledger-rows.ts'
import { writeFor } from './ledger-writing.ts'

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '10000000' },
    keys: { type: 'string', default: '20' },
    times: { type: 'string', default: '25' },
    pairs: { type: 'string', default: '10' },
  },
})
const [rows, keys, times, pairs] = [values.rows, values.keys, values.times, values.pairs].map(Number)
if (![rows, keys, times, pairs].every((count) => Number.isInteger(count) && (count ?? 0) > 0))
  throw new RangeError('--rows, --keys, --times and --pairs take whole numbers')
const history = {
  rows: rows ?? 0,
  keys: keys ?? 0,
  models: 40,
  clients: 10,
  days: 90,
  end: Date.now() - 1000,
}

const folder = mkdtempSync(join(tmpdir(), 'switchyard-ledger-'))
const remove = (): void => rmSync(folder, { recursive: true, force: true })
// The files are gigabytes.
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => {
    remove()
    process.exit(1)
  })

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`

/** User and system CPU of this process so far, in milliseconds. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

async function build(home: string): Promise<void> {
  const path = join(home, 'ledger.db')
  let begun = performance.now()
  using db = await fillLedger(path, history)
  const mb = (bytes: number): string => `${(bytes / 1e6).toFixed(0)} MB`
  const rowsBytes = statSync(path).size
  console.log(`Attempts written in ${seconds(performance.now() - begun)}: ${mb(rowsBytes)}`)
  // Large slices, which would hold rows up, for all but the newest attempts; those as a ledger does it while it runs.
  const slowRows = Math.min(100_000, history.rows / 2)
  const fast = new Rollups(db, 50_000)
  begun = performance.now()
  const untilMs = history.end - (slowRows * history.days * 86_400_000) / history.rows
  while (fast.due && fast.bounds.rolled < untilMs) {
    fast.advance(untilMs)
    await setImmediate()
  }
  const rollups = new Rollups(db)
  const rolled = (): number =>
    Number(
      db
        .prepare('SELECT count(*) AS count FROM attempts WHERE at < ? AND at >= ?')
        .get(rollups.bounds.rolled, untilMs)?.['count'],
    )
  const [before, cpu] = [rolled(), cpuMs()]
  while (rollups.due) rollups.advance()
  const perRowUs = ((cpuMs() - cpu) * 1000) / (rolled() - before)
  db.exec('PRAGMA wal_checkpoint(TRUNCATE)')
  const counts = ['hours', 'days', 'series'].map(
    (table) => `${String(db.prepare(`SELECT count(*) AS count FROM ${table}`).get()?.['count'])} ${table}`,
  )
  console.log(
    `Added up in ${seconds(performance.now() - begun)}: ${mb(statSync(path).size - rowsBytes)} more (${counts.join(', ')}); the newest took ${perRowUs.toFixed(0)} us of CPU each, in the slices that a running ledger takes`,
  )
}

interface Gateway extends AsyncDisposable {
  readonly url: string
  /** From the start of its process until it listened. */
  readonly ms: number
  cpuMs(): number
}

/** The gateway on a home, until its address is told. */
async function start(home: string, upstream: string): Promise<Gateway> {
  const begun = performance.now()
  const gateway = await startContestant(
    [join(import.meta.dirname, '../bin/switchyard.js'), 'serve', '--port', '0'],
    {
      SWITCHYARD_HOME: home,
      SWITCHYARD_API_KEY: 'bench-client-key-0123456789',
      SWITCHYARD_LOG: 'silent',
      OPENROUTER_BASE_URL: `${upstream}/v1`,
      ...Object.fromEntries(
        Array.from({ length: 20 }, (_, index) => [`OPENROUTER_API_KEY_${index + 1}`, `bench-key-${index}`]),
      ),
    },
  )
  return {
    url: gateway.url,
    ms: performance.now() - begun,
    cpuMs: () => gateway.cpuMs(),
    [Symbol.asyncDispose]: () => gateway[Symbol.asyncDispose](),
  }
}

function questions(recent: string, oldest: string): readonly (readonly [what: string, path: string])[] {
  const now = Date.now()
  const day = 86_400_000
  const today = Math.floor(now / day) * day
  const usage = (since: number, by: string): string =>
    `/admin/usage?${String(new URLSearchParams({ since: new Date(since).toISOString(), until: new Date(now).toISOString(), by }))}`
  const attempts = (query: string): string => `/admin/attempts?limit=50${query}`
  return [
    ['status', '/admin/status'],
    ['usage, 24 h by hour, model', usage(now - day, 'hour,model')],
    ['usage, 7 d by day, key', usage(today - 6 * day, 'day,key')],
    ['usage, 30 d by day, client', usage(today - 29 * day, 'day,client')],
    ['usage, 30 d by hour', usage(today - 29 * day, 'hour')],
    ['usage, 90 d by day, provider', usage(now - 90 * day, 'day,provider')],
    ['usage, 90 d by model', usage(now - 90 * day, 'model')],
    ['usage report, 90 d by day, model', `/admin/usage/report?since=90d&by=day,model`],
    ['usage report, 30 d by day, key', `/admin/usage/report?since=30d&by=day,key`],
    ['clients', '/admin/clients'],
    ['usage, 30 d by client, model', usage(today - 29 * day, 'client,model')],
    ['attempts, newest page', attempts('')],
    ['attempts of a client', attempts('&client=client-7')],
    [
      'attempts of an hour last month',
      attempts(
        `&since=${new Date(today - 30 * day).toISOString()}&until=${new Date(today - 30 * day + 3_600_000).toISOString()}`,
      ),
    ],
    ['attempts with a rare fault', attempts('&fault=credential')],
    ['attempts, text without a hit', attempts('&text=nowhere')],
    ['attempts of a recent request', attempts(`&call=${recent}`)],
    ['attempts of the oldest request', attempts(`&call=${oldest}`)],
    ['attempts of an unknown request (goes through all)', attempts('&call=nobody')],
  ]
}

async function ask(url: string, adminKey: string, path: string): Promise<string> {
  const reply = await fetch(`${url}${path}`, { headers: { authorization: `Bearer ${adminKey}` } })
  const text = await reply.text()
  if (!reply.ok) throw new Error(`${path}: ${reply.status} ${text.slice(0, 300)}`)
  return text
}

async function measure(home: string, upstream: string): Promise<void> {
  await using gateway = await start(home, upstream)
  console.log(`\n| asked | median ms | p95 ms | CPU ms | KB |\n| --- | --- | --- | --- | --- |`)
  const adminKey = readFileSync(join(home, 'admin-key'), 'utf8').trim()
  const callBefore = async (id: number): Promise<string> => {
    const page = JSON.parse(await ask(gateway.url, adminKey, `/admin/attempts?limit=1&before=${id}`)) as {
      attempts: { call: string }[]
    }
    return page.attempts[0]?.call ?? ''
  }
  const asked = questions(await callBefore(history.rows - 1000), await callBefore(2))
  for (const [what, path] of asked) {
    const taken: number[] = []
    let bytes = 0
    let cpu = 0
    const count = what.includes('goes through all') ? 3 : (times ?? 0)
    for (let time = 0; time <= count; time += 1) {
      if (time === 1) cpu = gateway.cpuMs()
      const begun = performance.now()
      bytes = (await ask(gateway.url, adminKey, path)).length
      // The first one warms up.
      if (time > 0) taken.push(performance.now() - begun)
    }
    taken.sort((a, b) => a - b)
    const at = (share: number): string =>
      (taken[Math.ceil(taken.length * share) - 1] ?? Number.NaN).toFixed(1)
    console.log(
      `| ${what} | ${at(0.5)} | ${at(0.95)} | ${((gateway.cpuMs() - cpu) / count).toFixed(0)} | ${(bytes / 1000).toFixed(1)} |`,
    )
  }
  await measurePages(gateway.url, adminKey)
}

async function measureStarts(home: string, upstream: string): Promise<void> {
  const empty = join(folder, 'empty')
  const taken = { large: [] as number[], none: [] as number[] }
  const cpu = { large: [] as number[], none: [] as number[] }
  for (let time = 0; time < 3; time += 1) {
    for (const [name, where] of [
      ['none', empty],
      ['large', home],
    ] as const) {
      await using gateway = await start(where, upstream)
      taken[name].push(gateway.ms)
      cpu[name].push(gateway.cpuMs())
    }
  }
  const median = (all: number[]): string => (all.toSorted((a, b) => a - b)[1] ?? Number.NaN).toFixed(0)
  console.log(
    `\nFrom the start of the process until it listens: ${median(taken.large)} ms (${median(cpu.large)} of CPU); with an empty ledger ${median(taken.none)} ms (${median(cpu.none)} of CPU)`,
  )
}

async function compareWriting(): Promise<void> {
  const thread = new URL('./ledger-without-sums.ts', import.meta.url)
  const open = (name: string, ...own: URL[]): ReturnType<typeof openSqliteStore> =>
    openSqliteStore({ path: join(folder, `${name}.db`), now: Date.now() }, ...own)
  await using withSums = await open('with')
  await using without = await open('without', thread)
  const ids = [{ next: 1 }, { next: 1 }] as const
  const ratios: number[] = []
  const rates: number[] = []
  for (let pair = 0; pair <= (pairs ?? 0); pair += 1) {
    const plain = await writeFor(without, 1000, ids[0])
    const summed = await writeFor(withSums, 1000, ids[1])
    if (pair === 0) continue
    ratios.push(summed / plain)
    rates.push(summed)
  }
  const sorted = ratios.toSorted((a, b) => a - b)
  const median = (all: readonly number[]): number =>
    all.toSorted((a, b) => a - b)[Math.floor(all.length / 2)] ?? Number.NaN
  console.log(
    `\nAttempts written a second, with sums / without: ${median(ratios).toFixed(2)} [${sorted[0]?.toFixed(2)}-${sorted.at(-1)?.toFixed(2)}] (${median(rates).toFixed(0)} a second, 64 callers, each waiting for the disk)`,
  )
}

try {
  const home = join(folder, 'home')
  mkdirSync(home)
  console.log(
    `Node ${process.version}; ${history.rows} attempts in ${history.days} days, ${history.keys} keys, ${history.models} models, ${history.clients} clients; ${times} calls each`,
  )
  await build(home)
  await using upstream = await startContestant([join(import.meta.dirname, 'upstream.ts')])
  await measureStarts(home, upstream.url)
  await measure(home, upstream.url)
  await compareWriting()
} finally {
  remove()
}
