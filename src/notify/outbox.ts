import type { Clock } from '../clock.ts'
import type { Log } from '../routing/settings.ts'
import type { Notice } from './notice.ts'
import type { Sent, Subscription } from './target.ts'
import { gathered } from './text.ts'
import { isQuiet, type QuietHours } from './times.ts'

/** Messages that wait for one target; beyond it the oldest one that is not urgent is dropped. */
const maxWaiting = 100
/** Old news helps nobody. */
const maxAgeMs = 6 * 3_600_000
/** The same for what quiet hours held back when a process ended. */
const maxHeldMs = 24 * 3_600_000
const firstRetryMs = 5_000
const longestRetryMs = 1_800_000
/** More at once become one for people. */
const mostAtOnce = 3

export interface OutboxPorts {
  readonly clock: Clock
  readonly log: Log
}

export interface Quiet extends QuietHours {
  /** Kinds that pass all the same. */
  readonly except: ReadonlySet<string>
}

/** What waits for one target: to be sent, or for the end of quiet hours. */
export interface Unsent {
  readonly waiting: readonly Notice[]
  readonly held: readonly Notice[]
}

/** By the target's name. */
export type AllUnsent = Readonly<Record<string, Unsent>>

/**
 * Messages on their way, a bounded queue for each target: a dead one holds up nobody else. Tries again what failed for
 * a while, longer and longer; gives up on what was refused or has grown old, and says so in the log.
 */
export class Outbox {
  readonly #lanes: readonly Lane[]
  readonly #quiet: Quiet | undefined
  readonly #clock: Clock

  constructor(subscriptions: readonly Subscription[], quiet: Quiet | undefined, ports: OutboxPorts) {
    this.#lanes = subscriptions.map((each) => new Lane(each, ports))
    this.#quiet = quiet
    this.#clock = ports.clock
  }

  /** Takes messages in, for those targets that want them. */
  push(notices: readonly Notice[]): void {
    const quiet = this.#isQuiet() ? this.#quiet?.except : undefined
    for (const lane of this.#lanes) lane.push(notices, quiet)
  }

  /** Sends what is due. Resolves when every try that it began has ended. */
  async work(): Promise<void> {
    const quiet = this.#isQuiet()
    await Promise.all(this.#lanes.map((lane) => lane.work(quiet)))
  }

  /** For a file, so that a restart loses nothing. */
  unsent(): AllUnsent {
    const all = this.#lanes.map((lane) => [lane.name, lane.unsent()] as const)
    return Object.fromEntries(all.filter(([, { waiting, held }]) => waiting.length + held.length > 0))
  }

  /** Takes up what an earlier process left, for targets that are still there. */
  restore(unsent: AllUnsent): void {
    for (const lane of this.#lanes) {
      const left = Object.hasOwn(unsent, lane.name) ? unsent[lane.name] : undefined
      if (left !== undefined) lane.restore(left)
    }
  }

  #isQuiet(): boolean {
    return this.#quiet !== undefined && isQuiet(this.#quiet, this.#clock.now())
  }
}

/** A fault of ours must not end the gateway; its text might hold anything. */
function broken(): Sent {
  return { ok: false, detail: 'sending failed inside this program; please report it', retry: false }
}

/** Since when it could have been sent. */
function dueAt({ at, heldUntil = at }: Notice): number {
  return heldUntil
}

class Lane {
  readonly #to: Subscription
  readonly #clock: Clock
  readonly #log: Log
  readonly #waiting: Notice[] = []
  /** What quiet hours hold back. */
  #held: Notice[] = []
  #failures = 0
  #nextAt = 0
  #busy = false

  constructor(to: Subscription, { clock, log }: OutboxPorts) {
    this.#to = to
    this.#clock = clock
    this.#log = log
  }

  get name(): string {
    return this.#to.target.name
  }

  unsent(): Unsent {
    return { waiting: [...this.#waiting], held: [...this.#held] }
  }

  restore({ waiting, held }: Unsent): void {
    const now = this.#clock.now()
    const young = (notices: readonly Notice[], mostMs: number): readonly Notice[] =>
      notices.filter((notice) => {
        if (now - dueAt(notice) <= mostMs) return true
        this.#dropped(notice, 'it is from an earlier run and too old')
        return false
      })
    this.#waiting.push(...young(waiting, maxAgeMs))
    this.#held.push(...young(held, maxHeldMs))
    this.#bound(this.#waiting)
    this.#bound(this.#held)
  }

  push(notices: readonly Notice[], passes: ReadonlySet<string> | undefined): void {
    const { events, quiet } = this.#to
    const wanted = notices.filter(
      ({ kind }) => events === undefined || (events as ReadonlySet<string>).has(kind),
    )
    const waits = (notice: Notice): boolean => quiet && passes !== undefined && !passes.has(notice.kind)
    this.#held.push(...wanted.filter(waits))
    this.#bound(this.#held)
    this.#enqueue(
      wanted.filter((notice) => !waits(notice)),
      mostAtOnce,
    )
  }

  async work(quietNow: boolean): Promise<void> {
    if (this.#held.length > 0 && !(quietNow && this.#to.quiet)) {
      const heldUntil = this.#clock.now()
      const held = this.#held.map((notice) => ({ ...notice, heldUntil }))
      this.#held = []
      this.#enqueue(held, 1)
    }
    if (this.#busy) return
    this.#busy = true
    try {
      while (this.#waiting.length > 0 && this.#clock.now() >= this.#nextAt) await this.#sendFirst()
    } finally {
      this.#busy = false
    }
  }

  #enqueue(notices: readonly Notice[], most: number): void {
    this.#waiting.push(...(this.#to.target.digests ? gathered(notices, this.#clock.now(), most) : notices))
    this.#bound(this.#waiting)
  }

  #bound(queue: Notice[]): void {
    while (queue.length > maxWaiting) {
      const at = Math.max(
        0,
        queue.findIndex(({ urgent }) => !urgent),
      )
      this.#dropped(queue.splice(at, 1)[0], `more than ${maxWaiting} messages wait`)
    }
  }

  async #sendFirst(): Promise<void> {
    const [first] = this.#waiting
    if (first === undefined) return
    if (this.#clock.now() - dueAt(first) > maxAgeMs && this.#failures > 0) {
      this.#waiting.shift()
      return this.#dropped(first, 'it could not be delivered for six hours')
    }
    const sent = await this.#to.target.send(first).catch(broken)
    if (sent.ok) {
      this.#failures = 0
      this.#remove(first)
      return
    }
    if (!sent.retry) {
      this.#remove(first)
      return this.#dropped(first, sent.detail)
    }
    const waitMs = Math.max(
      sent.afterMs ?? 0,
      Math.min(longestRetryMs, firstRetryMs * 2 ** Math.min(20, this.#failures)),
    )
    this.#nextAt = this.#clock.now() + waitMs
    // Once for each outage, not for each try.
    if (this.#failures++ === 0)
      this.#log.warn(`a message to ${this.#to.target.name} could not be sent; it is tried again`, {
        message: first.title,
        reason: sent.detail,
      })
  }

  /** By identity: the queue may have been cut meanwhile. */
  #remove(notice: Notice): void {
    const at = this.#waiting.indexOf(notice)
    if (at !== -1) this.#waiting.splice(at, 1)
  }

  #dropped(notice: Notice | undefined, reason: string): void {
    this.#log.warn(`a message to ${this.#to.target.name} was given up`, { message: notice?.title, reason })
  }
}
