import { systemClock } from '../clock.ts'
import type { Loaded } from '../config/load.ts'
import { type KeyCheck, checkKeys } from '../routing/key-check.ts'
import { type Listing, listingOf } from '../routing/listing.ts'
import { createFetcher, createUpstream, type Upstream } from '../routing/upstream.ts'
import { createTransport, type Transport } from '../wire/transport.ts'

const timeoutMs = 5_000

/** The services as this machine's settings name them, for commands that run without a gateway. Opens no ledger. */
export class Upstreams implements AsyncDisposable {
  readonly all: readonly Upstream[]
  readonly #transport: Transport

  constructor(loaded: Pick<Loaded, 'providers'>) {
    const ports = { clock: systemClock, random: Math.random, holds: { hold: () => {}, release: () => {} } }
    this.all = loaded.providers.map((settings) => createUpstream(settings, ports))
    this.#transport = createTransport({ connectMs: timeoutMs, headersMs: timeoutMs, idleMs: timeoutMs })
  }

  /** Reads the model lists of all services that have a key. `failed` says whose list could not be read. */
  async readListing(): Promise<{ readonly listing: Listing; readonly failed: readonly string[] }> {
    const now = systemClock.now()
    const failed = await Promise.all(
      this.all.map(async (upstream) => {
        const [key] = upstream.pool.accounts.flatMap(({ keys }) => keys)
        if (key === undefined) return []
        try {
          await upstream.catalogue.read(createFetcher(upstream, key, this.#transport, timeoutMs), now)
          return []
        } catch {
          return [upstream.provider.title]
        }
      }),
    )
    return { listing: listingOf(this.all, now), failed: failed.flat() }
  }

  /** What is known without asking anybody. */
  priced(): Listing {
    return listingOf(this.all, systemClock.now())
  }

  checkKeys(names?: readonly string[]): Promise<readonly KeyCheck[]> {
    return checkKeys(this.all, { transport: this.#transport, clock: systemClock }, names)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#transport.close()
  }
}
