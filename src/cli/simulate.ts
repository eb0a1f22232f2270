import { once } from 'node:events'
import { createMovableClock } from '../clock.ts'
import { ConfigError } from '../errors.ts'
import { WrongUsage } from './wrong-usage.ts'
import { environmentFor, startSimulator } from '../simulator/index.ts'

export interface SimulateFlags {
  readonly port: string
  readonly seed?: string
}

/** `switchyard simulate`: both services on loopback, until Ctrl-C. */
export async function simulate(flags: SimulateFlags): Promise<void> {
  const port = wholeNumber(flags.port, '--port', 65_535)
  const seed = flags.seed === undefined ? {} : { seed: wholeNumber(flags.seed, '--seed', 2 ** 32) }
  const options = { port, clock: createMovableClock({ running: true }), ...seed }
  await using simulator = await startSimulator(options).catch((error: unknown) => {
    throw new ConfigError(`the simulator cannot listen on port ${port}; choose another one with --port`, {
      cause: error,
    })
  })
  // Before the address is told: whoever reads it may stop us at once.
  const stopped = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')])
  console.log(
    `Simulator on ${simulator.url} (control and counters: ${simulator.url}/sim). Point a gateway at it:\n`,
  )
  for (const [name, value] of Object.entries(environmentFor(simulator)))
    console.log(`export ${name}=${value}`)
  await stopped
}

function wholeNumber(text: string, flag: string, max: number): number {
  const value = Number(text)
  if (/^\d+$/.test(text) && value <= max) return value
  throw new WrongUsage(`${flag} takes a whole number from 0 to ${max}; got "${text.slice(0, 20)}"`)
}
