import type { Clock } from '../clock.ts'
import type { LedgerStore } from '../ledger/ledger.ts'
import { type LeftKey, newKeys, withKeys } from './new-keys.ts'
import { limitsOf, readUse, recount } from './recall.ts'
import type { ProviderSettings } from './settings.ts'
import type { Survey } from './survey.ts'
import { accountsOf, type Upstream } from './upstream.ts'

export interface JoiningPorts {
  readonly upstreams: readonly Upstream[]
  readonly survey: Survey
  readonly store: LedgerStore
  readonly clock: Clock
}

/** What became of keys that were to join a router. */
export interface TakenKeys {
  /** Names of those that are in use from now on. */
  readonly taken: readonly string[]
  readonly left: readonly LeftKey[]
}

/** Takes keys into use while the router runs. */
export class Joining {
  readonly #ports: JoiningPorts
  #providers: readonly ProviderSettings[]
  #last: Promise<unknown> = Promise.resolve()

  constructor(providers: readonly ProviderSettings[], ports: JoiningPorts) {
    this.#providers = providers
    this.#ports = ports
  }

  /** The settings in force: those of the start, with the keys that have joined. */
  get providers(): readonly ProviderSettings[] {
    return this.#providers
  }

  /** One after the other: two at once would take the same keys twice. */
  take(wanted: readonly ProviderSettings[]): Promise<TakenKeys> {
    const taken = this.#last.then(() => this.#take(wanted))
    this.#last = taken.catch(() => {})
    return taken
  }

  async #take(wanted: readonly ProviderSettings[]): Promise<TakenKeys> {
    const { joining, left } = newKeys(this.#providers, wanted)
    await Promise.all(joining.map((settings) => this.#join(settings)))
    return { taken: joining.flatMap(({ keys }) => keys.map(({ name }) => name)), left }
  }

  /** All that is known of a key counts before the first call is made with it. */
  async #join(settings: ProviderSettings): Promise<void> {
    const { upstreams, survey, store, clock } = this.#ports
    const upstream = upstreams.find(({ provider }) => provider.name === settings.provider.name)
    if (upstream === undefined) throw new RangeError(`there is no upstream ${settings.provider.name}`)
    const accounts = accountsOf(settings)
    const use = await readUse(accounts.flatMap(limitsOf), store, clock.now())
    await survey.welcome(upstream, accounts, () => {
      upstream.pool.add(accounts, store.opening.holds)
      recount(upstream, accounts, use)
      this.#providers = withKeys(this.#providers, [settings])
    })
  }
}
