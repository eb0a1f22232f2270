import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { IncomingMessage } from 'node:http'
import { createMovableClock } from '../../src/clock.ts'
import { startSimulator, type SimulatorOptions } from '../../src/simulator/index.ts'
import { noon, openStand, type Stand } from '../support/stand.ts'
import type { Door, Side } from './client-under-test.ts'

/** Models that take tools, images and reasoning, one on each side, both on accounts without purchased credit. */
export const models: Readonly<Record<Side, string>> = {
  openrouter: 'google/gemma-4-31b-it:free',
  ollama: 'gemma4:31b',
}

/** A stand whose callers are counted. Its clock runs, because some clients wait. */
export interface Stage extends AsyncDisposable {
  readonly stand: Stand
  readonly door: Door
  /** Requests that have reached the gateway since the last call of this. */
  newRequests(): number
}

export interface StageOptions {
  readonly simulator?: SimulatorOptions
  /** Passed to the client; `'own'` leaves it its habit. */
  readonly retries?: number | 'own'
}

export async function openStage({ simulator: options, retries = 0 }: StageOptions = {}): Promise<Stage> {
  const clock = createMovableClock({ start: noon, running: true })
  const simulator = await startSimulator({ clock, seed: 1, ...options })
  const stand = await openStand({ sharing: simulator })
  const { host } = new URL(stand.gateway.url)
  let requests = 0
  const onRequest = (message: unknown): void => {
    const { request } = message as { readonly request: IncomingMessage }
    if (request.headers.host === host) requests += 1
  }
  subscribe('http.server.request.start', onRequest)
  return {
    stand,
    door: {
      origin: stand.gateway.url,
      key: stand.clientKey,
      ...(retries === 'own' ? {} : { retries }),
    },
    newRequests: () => {
      const counted = requests
      requests = 0
      return counted
    },
    async [Symbol.asyncDispose]() {
      unsubscribe('http.server.request.start', onRequest)
      await stand[Symbol.asyncDispose]()
      await simulator.close()
    },
  }
}
