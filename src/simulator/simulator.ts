import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createMovableClock, type MovableClock } from '../clock.ts'
import type { Counters } from './books.ts'
import { serveControl, type Controls } from './control.ts'
import { Exchange } from './exchange.ts'
import type { ScriptedFault } from './faults.ts'
import { ollamaPrefix, serveOllama } from './ollama/routes.ts'
import { openrouterPrefix, serveOpenRouter } from './openrouter/routes.ts'
import type { SimulatorOptions } from './options.ts'
import type { Knowing } from './told.ts'
import { createWorld, type World } from './world.ts'

/** A running simulator of OpenRouter and Ollama Cloud. */
export interface Simulator extends AsyncDisposable {
  readonly url: string
  /** The base URL of the OpenRouter side. */
  readonly openrouterUrl: string
  /** The base URL of the Ollama side, to which `/api/chat` and the like are appended. */
  readonly ollamaUrl: string
  /** Moves the windows of all accounts; waits and pacing stay in real time. */
  readonly clock: MovableClock
  /** In account order. */
  readonly keys: { readonly openrouter: readonly string[]; readonly ollama: readonly string[] }
  /** A snapshot. */
  counters(): Counters
  /** Throws a TypeError when the fault makes no sense. */
  addFault(fault: ScriptedFault): void
  clearFaults(): void
  /** Counters, windows, balances and faults back to the start; the clock and the keys stay. */
  reset(): void
  close(): Promise<void>
}

function isUnder(path: string, prefix: string): boolean {
  return path.startsWith(prefix) && (path.length === prefix.length || path[prefix.length] === '/')
}

async function serve(controls: Controls, exchange: Exchange): Promise<void> {
  if (isUnder(exchange.path, openrouterPrefix)) return serveOpenRouter(controls.world(), exchange)
  if (isUnder(exchange.path, ollamaPrefix)) return serveOllama(controls.world(), exchange)
  if (isUnder(exchange.path, '/sim')) return serveControl(controls, exchange)
  return exchange.reply(404, { 'content-type': 'text/plain' }, 'Nothing here. GET /sim lists the controls.\n')
}

/** Starts a simulator on a loopback port. `await using` closes it. */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const clock = options.clock ?? createMovableClock({ running: true })
  const knowing: Knowing = { arrivals: 0, afterMs: options.knownAfterMs ?? 0 }
  let world: World = createWorld(options, clock, knowing)
  const keys = {
    openrouter: [...world.openrouter.keys.keys()],
    ollama: [...world.ollama.keys.keys()],
  }
  const reset = (): void => {
    world = createWorld(options, clock, knowing)
  }
  const controls: Controls = { clock, world: () => world, reset }
  const handle = (request: IncomingMessage, response: ServerResponse): void => {
    knowing.arrivals += 1
    // Services tell their own time: the one that decides their windows.
    response.setHeader('date', new Date(clock.now()).toUTCString())
    const exchange = new Exchange(request, response, options.chopBytes ?? 0)
    serve(controls, exchange).catch((error: unknown) => {
      // A fault of the simulator's own must not look like one of the providers'.
      if (response.headersSent) return response.destroy()
      response.writeHead(500, { 'content-type': 'text/plain' }).end(`simulator error: ${String(error)}\n`)
      return undefined
    })
  }
  const server = createServer({ keepAliveTimeout: 60_000, requestTimeout: 0 }, handle)
  server.on('connection', () => (knowing.arrivals += 1))
  server.listen(options.port ?? 0, options.host ?? '127.0.0.1')
  await once(server, 'listening')
  const { address, family, port } = server.address() as AddressInfo
  const url = `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`
  const close = async (): Promise<void> => {
    if (!server.listening) return
    const closed = once(server, 'close')
    server.close()
    server.closeAllConnections()
    await closed
  }
  return {
    url,
    openrouterUrl: url + openrouterPrefix,
    ollamaUrl: url + ollamaPrefix,
    clock,
    keys,
    counters: () => world.books.counters(),
    addFault: (fault) => world.faults.add(fault),
    clearFaults: () => world.faults.clear(),
    reset,
    close,
    [Symbol.asyncDispose]: close,
  }
}
