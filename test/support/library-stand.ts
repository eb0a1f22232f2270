import { createMovableClock, createRouter, type MovableClock, type Router } from '../../src/index.ts'
import { type Simulator, type SimulatorOptions, startSimulator } from '../../src/simulator/index.ts'
import { noon } from './stand.ts'

/** The library against a simulator, on one clock that stands still, with nothing on disk. */
export interface LibraryStand extends AsyncDisposable {
  readonly simulator: Simulator
  readonly clock: MovableClock
  readonly router: Router
}

/** A folder that does not exist: what does not ask for a file must not make one. */
export const noHome = '/nonexistent/switchyard'

export async function openLibrary(options: SimulatorOptions = {}): Promise<LibraryStand> {
  const clock = createMovableClock({ start: noon })
  const simulator = await startSimulator({ clock, seed: 3, ...options })
  const router = createRouter({
    environment: {},
    home: noHome,
    keys: { openrouter: simulator.keys.openrouter, ollama: simulator.keys.ollama },
    baseUrls: { openrouter: simulator.openrouterUrl, ollama: simulator.ollamaUrl },
    store: 'memory',
    clock,
  })
  // Its metadata has been read: from here on every call counted is one that a test made.
  await router.getStatus()
  return {
    simulator,
    clock,
    router,
    async [Symbol.asyncDispose]() {
      await router.close()
      await simulator.close()
    },
  }
}
