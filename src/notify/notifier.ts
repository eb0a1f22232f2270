import type { Clock } from '../clock.ts'
import type { Comparison } from '../ledger/ledger.ts'
import { windowStart } from '../limits/window.ts'
import type { RouterCore } from '../routing/core.ts'
import type { Log } from '../routing/settings.ts'
import { changes, type Told } from './changes.ts'
import { conditionsOf } from './conditions.ts'
import type { Memory } from './memory.ts'
import { Outbox, type Quiet } from './outbox.ts'
import type { Tastes } from './outlook.ts'
import { PoolPace } from './pool-pace.ts'
import type { Subscription } from './target.ts'

const lookEveryMs = 5_000
/** The services are asked every ten minutes; nothing new is written in between. */
const compareEveryMs = 600_000
const lastMomentMs = 3_000
const dayMs = 86_400_000

export interface NotifierOptions {
  readonly core: Pick<RouterCore, 'status' | 'comparisons'>
  readonly subscriptions: readonly Subscription[]
  readonly quiet: Quiet | undefined
  readonly tastes: Tastes
  readonly memory: Memory
  readonly clock: Clock
  readonly log: Log
  /** In front of every title, e.g. for a sandbox. */
  readonly mark?: string
}

/**
 * Looks at a router from outside every few seconds and tells what changed. The router knows nothing of it, and a request
 * never waits for it.
 */
export class Notifier implements AsyncDisposable {
  readonly #options: NotifierOptions
  readonly #outbox: Outbox
  readonly #pace: PoolPace = new PoolPace()
  #told: readonly Told[]
  #comparisons: readonly Comparison[] = []
  #comparedAt = Number.NEGATIVE_INFINITY
  #looking = false
  #timer: NodeJS.Timeout | undefined

  constructor(options: NotifierOptions) {
    this.#options = options
    this.#outbox = new Outbox(options.subscriptions, options.quiet, options)
    const { told, unsent } = options.memory.read()
    this.#outbox.restore(unsent)
    // Whether a provider still fails, a new process does not know: it would tell of an end that nobody has seen.
    this.#told = told.filter(({ subject }) => !subject.startsWith('provider/'))
  }

  start(): void {
    this.#timer = setInterval(() => void this.look(), lookEveryMs).unref()
    void this.look()
  }

  /** One look, and all tries to send that are due. */
  async look(): Promise<void> {
    await this.#observe()
    // Before it is sent too: a process that dies meanwhile rather tells it twice than never.
    this.#remember()
    await this.#outbox.work()
    this.#remember()
  }

  #remember(): void {
    this.#options.memory.write({ told: this.#told, unsent: this.#outbox.unsent() })
  }

  async #observe(): Promise<void> {
    if (this.#looking) return
    this.#looking = true
    const { core, clock, log, tastes, mark } = this.#options
    try {
      const status = await core.status({ totals: false })
      const now = clock.now()
      await this.#compare(now)
      const outlook = {
        now,
        status,
        forecasts: this.#pace.see(status, now),
        comparisons: this.#comparisons,
        told: new Set(this.#told.map(({ subject }) => subject)),
        tastes,
      }
      const { notices, told } = changes(this.#told, conditionsOf(outlook), now)
      this.#told = told
      this.#outbox.push(
        mark === undefined ? notices : notices.map((each) => ({ ...each, title: `${mark} ${each.title}` })),
      )
    } catch (error) {
      // A router that is closing; whatever else it may be must not end the process.
      if (this.#timer !== undefined)
        log.warn('the state of the router could not be read for messages', { error: String(error) })
    } finally {
      this.#looking = false
    }
  }

  async #compare(now: number): Promise<void> {
    if (now - this.#comparedAt < compareEveryMs) return
    this.#comparedAt = now
    this.#comparisons = await this.#options.core.comparisons(windowStart('day', now) - 2 * dayMs)
  }

  /** A last look; sends what is due, for a few seconds at the most. What still waits is kept for the next start. */
  async close(): Promise<void> {
    if (this.#timer === undefined) return
    clearInterval(this.#timer)
    this.#timer = undefined
    const late = Promise.withResolvers<void>()
    const timer = setTimeout(late.resolve, lastMomentMs)
    await Promise.race([this.look(), late.promise])
    clearTimeout(timer)
    this.#remember()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}
