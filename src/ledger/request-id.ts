import { randomUUID } from 'node:crypto'

/**
 * An id for a request: a UUID of version 7 (RFC 9562), which begins with the time. `now` in epoch milliseconds.
 * The ledger finds an old request by it without going through all that came later.
 */
export function newRequestId(now: number): string {
  const time = Math.trunc(now).toString(16).padStart(12, '0')
  // Only the first 48 bits and the version differ from the random one, which Node makes in advance.
  return `${time.slice(0, 8)}-${time.slice(8, 12)}-7${randomUUID().slice(15)}`
}

/** When a request id says that it was made, in epoch milliseconds; undefined for one that does not say it. */
export function requestedAt(id: string): number | undefined {
  const parts = /^([0-9a-f]{8})-([0-9a-f]{4})-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i.exec(id)
  return parts === null ? undefined : Number.parseInt(`${parts[1]}${parts[2]}`, 16)
}
