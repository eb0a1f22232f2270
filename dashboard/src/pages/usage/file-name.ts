import type { UsageReport } from '../../api/types.ts'

/** `switchyard-usage-model-2026-11-20-2026-11-26.csv`: nothing of it comes from a client or a service. */
export function fileNameOf({ by, since, until }: UsageReport): string {
  // `until` is not included: of a whole day it is the next one's beginning.
  const last = new Date(Date.parse(until) - 1).toISOString()
  return `switchyard-usage-${by.join('-')}-${since.slice(0, 10)}-${last.slice(0, 10)}.csv`
}
