// npm run bench: the gateway against a bare relay, in alternating slices of one run. Read the ratios, not the absolutes.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Pool } from 'undici'
import { type Contestant, startContestant } from './contestant.ts'

const key = 'bench-client-key-0123456789'
const connections = 32
const warmUpMs = 2_000
const sliceMs = 1_000
const pairs = Number(process.env['BENCH_PAIRS'] ?? 10)

interface Slice {
  readonly requests: number
  readonly perSecond: number
  readonly cpuUs: number
}

async function load(contestant: Contestant, body: string, ms: number): Promise<Slice> {
  const pool = new Pool(contestant.url, { connections, pipelining: 1, allowH2: false })
  const until = performance.now() + ms
  const cpu = contestant.cpuMs()
  const begun = performance.now()
  let requests = 0
  const worker = async (): Promise<void> => {
    while (performance.now() < until) {
      const reply = await pool.request({
        method: 'POST',
        path: '/v1/chat/completions',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
        body,
      })
      const text = await reply.body.text()
      if (reply.statusCode !== 200) throw new Error(`status ${reply.statusCode}: ${text.slice(0, 300)}`)
      requests++
    }
  }
  await Promise.all(Array.from({ length: connections }, worker))
  const seconds = (performance.now() - begun) / 1000
  const cpuUs = ((contestant.cpuMs() - cpu) * 1000) / requests
  await pool.close()
  return { requests, perSecond: requests / seconds, cpuUs }
}

async function compare(name: string, bare: Contestant, gateway: Contestant, body: string): Promise<void> {
  for (const contestant of [bare, gateway]) await load(contestant, body, warmUpMs)
  const speed: number[] = []
  const cpu: number[] = []
  const shown: { bare: Slice; gateway: Slice }[] = []
  for (let pair = 0; pair < pairs; pair++) {
    const slice = { bare: await load(bare, body, sliceMs), gateway: await load(gateway, body, sliceMs) }
    shown.push(slice)
    speed.push(slice.gateway.perSecond / slice.bare.perSecond)
    cpu.push(slice.gateway.cpuUs / slice.bare.cpuUs)
  }
  const median = (values: number[]): number =>
    values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
  const range = (values: number[]): string =>
    `${median(values).toFixed(2)} [${Math.min(...values).toFixed(2)}-${Math.max(...values).toFixed(2)}]`
  console.log(`${name}`)
  console.log(
    `  CPU per request, gateway / bare relay:  ${range(cpu)}   (${median(shown.map((s) => s.gateway.cpuUs)).toFixed(0)} / ${median(shown.map((s) => s.bare.cpuUs)).toFixed(0)} us)`,
  )
  console.log(
    `  requests per second, gateway / bare:    ${range(speed)}   (${median(shown.map((s) => s.gateway.perSecond)).toFixed(0)} / ${median(shown.map((s) => s.bare.perSecond)).toFixed(0)})`,
  )
}

const home = mkdtempSync(join(tmpdir(), 'switchyard-bench-'))
try {
  const file = (path: string): string => join(import.meta.dirname, path)
  await using upstream = await startContestant([file('upstream.ts')])
  await using bare = await startContestant([file('bare-relay.ts'), upstream.url])
  await using gateway = await startContestant([file('../bin/switchyard.js'), 'serve', '--port', '0'], {
    SWITCHYARD_HOME: home,
    SWITCHYARD_API_KEY: key,
    SWITCHYARD_LOG: 'silent',
    OPENROUTER_API_KEY_1: 'bench-upstream-key',
    OPENROUTER_BASE_URL: `${upstream.url}/v1`,
  })
  const question = {
    model: 'vendor/model',
    messages: [{ role: 'user', content: 'tell me about ponds '.repeat(48) }],
  }
  console.log(
    `Node ${process.version}, ${connections} connections, ${pairs} pairs of ${sliceMs / 1000} s after ${warmUpMs / 1000} s of warm-up; medians [min-max]`,
  )
  console.log(
    'The gateway checks the key and the request, keeps quota, and commits a ledger row before each last byte.\n',
  )
  await compare(
    'plain answer (1 KB request, 0.6 KB answer)',
    bare,
    gateway,
    JSON.stringify({ ...question, stream: false }),
  )
  await compare(
    'stream (200 events in a burst)',
    bare,
    gateway,
    JSON.stringify({ ...question, stream: true }),
  )
} finally {
  rmSync(home, { recursive: true, force: true })
}
