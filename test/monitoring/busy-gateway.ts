import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createMovableClock } from '../../src/clock.ts'
import { startSimulator } from '../../src/simulator/index.ts'
import { ask, openStand, type Stand } from '../support/stand.ts'

/** A gateway that is asked all the time from `begin` on, with something of everything that can happen. */
export interface BusyGateway extends AsyncDisposable {
  readonly stand: Stand
  begin(): void
}

// Enough for a test in every window: a pool that is spent would show no more latencies.
const plenty = { perMinute: 10_000, perDay: 100_000 }
const config = `
providers: { openrouter: { limits: { minute: 10000 } } }
policy: { ceilings: [{ lane: paid, usdPerDay: 0.0005 }] }
clients: [{ name: team, key: team-client-key-0123456789 }]
`
const team = { authorization: 'Bearer team-client-key-0123456789' }
const pauseMs = 80

export async function openBusyGateway(): Promise<BusyGateway> {
  // Real time: Prometheus compares what it reads with its own clock.
  const clock = createMovableClock({ running: true })
  const simulator = await startSimulator({
    clock,
    seed: 1,
    firstTokenDelayMs: 5,
    openrouter: { accounts: [plenty, plenty, plenty] },
  })
  const home = mkdtempSync(join(tmpdir(), 'switchyard-busy-'))
  writeFileSync(join(home, 'switchyard.yaml'), config)
  const stand = await openStand({ sharing: simulator, home })
  // One key is refused for good.
  simulator.addFault({ provider: 'openrouter', kind: 'user-not-found' })
  const stopping = new AbortController()
  const run = async (): Promise<void> => {
    for (let turn = 0; !stopping.signal.aborted; turn++) {
      if (turn % 10 === 5) simulator.addFault({ provider: 'openrouter', kind: 'cut' })
      // Long enough for the ceiling to be reached within seconds, in steps small enough to pass 80 percent.
      const isPaid = turn % 4 === 1
      const paid = isPaid ? { model: 'gemma4:31b', max_tokens: 200 } : {}
      const reply = await stand.chat(
        ask(isPaid ? 'repeat 100 words' : 'hello', { stream: turn % 2 === 0, ...paid }),
        {
          headers: turn % 3 === 0 ? team : {},
        },
      )
      await reply.text().catch(() => '')
      await new Promise((resolve) => setTimeout(resolve, pauseMs))
    }
  }
  let running: Promise<void> | undefined
  return {
    stand,
    begin: () => void (running ??= run()),
    async [Symbol.asyncDispose]() {
      stopping.abort()
      await running
      await stand[Symbol.asyncDispose]()
      await simulator.close()
      rmSync(home, { recursive: true, force: true })
    },
  }
}
