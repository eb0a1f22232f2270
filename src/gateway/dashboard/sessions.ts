import { hash, randomBytes } from 'node:crypto'

/** Who has logged in on the dashboard. Kept in memory: a restart logs everybody out. */
export interface Sessions {
  /** A new session's token, for a cookie. */
  open(): string
  /** Whether a token is a session's; looking keeps it alive. */
  has(token: string): boolean
  close(token: string): void
  /** Whether there were so many wrong keys lately that no more are looked at. */
  tooManyFailures(): boolean
  failed(): void
}

const mostSessions = 100
const idleMs = 7 * 86_400_000
const mostFailures = 20
const failureWindowMs = 60_000

/** `now`: epoch milliseconds. */
export function createSessions(now: () => number): Sessions {
  // By digest: a token is nowhere but in its browser. In the order in which they were last used.
  const lastUsed = new Map<string, number>()
  let failures: { readonly since: number; count: number } = { since: 0, count: 0 }
  const touch = (id: string): void => {
    lastUsed.delete(id)
    lastUsed.set(id, now())
  }
  return {
    open() {
      const token = randomBytes(32).toString('base64url')
      touch(digest(token))
      const [oldest] = lastUsed.keys()
      if (lastUsed.size > mostSessions && oldest !== undefined) lastUsed.delete(oldest)
      return token
    },
    has(token) {
      const id = digest(token)
      const at = lastUsed.get(id)
      if (at === undefined) return false
      if (now() - at < idleMs) touch(id)
      else lastUsed.delete(id)
      return lastUsed.has(id)
    },
    close: (token) => void lastUsed.delete(digest(token)),
    tooManyFailures: () => failures.count >= mostFailures && now() - failures.since < failureWindowMs,
    failed() {
      if (now() - failures.since >= failureWindowMs) failures = { since: now(), count: 0 }
      failures.count++
    },
  }
}

function digest(token: string): string {
  return hash('sha256', token)
}
