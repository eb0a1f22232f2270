import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { createMovableClock } from '../../src/clock.ts'
import { type Simulator, type SimulatorOptions, startSimulator } from '../../src/simulator/index.ts'
import { noon, openStand, type Stand, type StandOptions } from './stand.ts'

/** Services and a home with a config file that outlive the router: each `start` is the same router again. */
export interface ConfigGround {
  readonly simulator: Simulator
  readonly home: string
  /** Stops the router that runs, if one does, and starts it anew. */
  start(options?: Omit<StandOptions, 'simulator' | 'sharing' | 'home'>): Promise<Stand>
}

export async function openConfigGround(
  t: TestContext,
  config: string,
  options: SimulatorOptions = {},
): Promise<ConfigGround> {
  const simulator = await startSimulator({ clock: createMovableClock({ start: noon }), seed: 1, ...options })
  const home = mkdtempSync(join(tmpdir(), 'switchyard-config-'))
  writeFileSync(join(home, 'switchyard.yaml'), config)
  let stand: Stand | undefined
  t.after(async () => {
    await stand?.stop()
    await simulator.close()
    rmSync(home, { recursive: true, force: true })
  })
  return {
    simulator,
    home,
    async start(rest = {}) {
      await stand?.stop()
      stand = await openStand({ ...rest, sharing: simulator, home })
      return stand
    },
  }
}

/** What the paid service has charged so far, over all its accounts. */
export async function dollarsSpent(simulator: Simulator): Promise<number> {
  const state = (await (await fetch(`${simulator.url}/sim/state`)).json()) as {
    readonly ollama: readonly { readonly includedUsd: number }[]
  }
  // Accounts on the simulator's default plan begin with 60 dollars.
  return state.ollama.reduce((sum, { includedUsd }) => sum + 60 - includedUsd, 0)
}
