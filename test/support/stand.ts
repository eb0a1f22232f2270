import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createMovableClock, type MovableClock } from '../../src/clock.ts'
import { ConfigClientBook } from '../../src/config/client-book.ts'
import type { Environment } from '../../src/config/environment.ts'
import { load, routerSettings } from '../../src/config/load.ts'
import { type Gateway, type GatewayOptions, startGateway } from '../../src/gateway/index.ts'
import { createMetrics } from '../../src/metrics/metrics.ts'
import { createCore, type RouterCore } from '../../src/routing/core.ts'
import { type Observer, observersOf } from '../../src/routing/observer.ts'
import { type Log, type RoutingSettings, silentLog } from '../../src/routing/settings.ts'
import {
  environmentFor,
  type Simulator,
  type SimulatorOptions,
  startSimulator,
} from '../../src/simulator/index.ts'

/** Simulator, router and gateway in one process, on one clock that stands still until it is moved, with a real ledger file. */
export interface Stand extends AsyncDisposable {
  readonly clock: MovableClock
  readonly simulator: Simulator
  readonly core: RouterCore
  readonly gateway: Gateway
  readonly clientKey: string
  readonly adminKey: string
  readonly home: string
  /** POST /v1/chat/completions with the client key. */
  chat(
    body: unknown,
    options?: { readonly headers?: Record<string, string>; readonly signal?: AbortSignal },
  ): Promise<Response>
  /** Closes gateway and router as a shutdown would, keeping the home: what follows is a restart. */
  stop(): Promise<void>
}

export interface StandOptions {
  readonly simulator?: SimulatorOptions
  readonly routing?: Partial<RoutingSettings>
  readonly gateway?: Partial<GatewayOptions>
  /** Variables beside (or instead of) those that name the simulator's keys. */
  readonly environment?: Environment
  /** A simulator that outlives this stand, e.g. across a restart; the stand then takes over its clock. */
  readonly sharing?: Simulator
  readonly home?: string
  /** Hears of calls and requests, beside the metrics. */
  readonly observe?: Observer
  /** What router and gateway report; nowhere unless told. */
  readonly log?: Log
}

/** Noon UTC: far from every window's edge. */
export const noon: number = Date.UTC(2026, 10, 23, 12)
export const clientKey = 'test-client-key-0123456789'
export const adminKey = 'test-admin-key-0123456789'
export const metricsKey = 'test-metrics-key-0123456789'

export async function openStand(options: StandOptions = {}): Promise<Stand> {
  const clock = options.sharing?.clock ?? createMovableClock({ start: noon })
  const simulator = options.sharing ?? (await startSimulator({ clock, seed: 1, ...options.simulator }))
  const home = options.home ?? mkdtempSync(join(tmpdir(), 'switchyard-test-'))
  const environment = { SWITCHYARD_HOME: home, ...environmentFor(simulator), ...options.environment }
  const loaded = load({ environment })
  const routing = { ...loaded.routing, ...options.routing }
  const log = options.log ?? silentLog
  const metrics = await createMetrics()
  const core = createCore({
    ...routerSettings({ ...loaded, routing }, { log, clock, random: () => 0.5 }),
    observe: observersOf(
      options.observe === undefined ? [metrics.observe] : [metrics.observe, options.observe],
    ),
  })
  await core.ready
  const gateway = await startGateway({
    core,
    clientKey,
    clients: loaded.clients.map(({ name, freeOnly, secret }) => ({ name, freeOnly, key: secret.reveal() })),
    book: new ConfigClientBook(
      { configFile: loaded.configFile, keysFolder: join(home, 'clients') },
      loaded.file,
      'client-key',
    ),
    adminKey,
    metricsKey,
    metrics,
    port: 0,
    clock,
    log,
    ...options.gateway,
  })
  const stop = async (): Promise<void> => {
    await gateway.close({ drainMs: 0 })
    await core.close()
  }
  return {
    clock,
    simulator,
    core,
    gateway,
    clientKey,
    adminKey,
    home,
    chat: (body, { headers = {}, signal } = {}) =>
      fetch(`${gateway.url}/v1/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${clientKey}`, ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
        ...(signal === undefined ? {} : { signal }),
      }),
    stop,
    async [Symbol.asyncDispose]() {
      await stop()
      if (options.sharing === undefined) await simulator.close()
      if (options.home === undefined) rmSync(home, { recursive: true, force: true })
    },
  }
}

/** One user message, the smallest request there is. */
export function ask(content: string, rest: Record<string, unknown> = {}): Record<string, unknown> {
  return { messages: [{ role: 'user', content }], ...rest }
}

/** Calls made on accounts known to be spent, and calls refused for any reason, over both services. */
export function wasteOf(simulator: Simulator): { readonly wasted: number; readonly refused: number } {
  const { openrouter, ollama } = simulator.counters()
  return { wasted: openrouter.wasted + ollama.wasted, refused: openrouter.refused + ollama.refused }
}
