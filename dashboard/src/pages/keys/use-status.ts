import { useCallback, useState } from 'preact/hooks'
import { ask } from '../../api/ask.ts'
import { useLive } from '../../api/live.tsx'
import type { Status } from '../../api/types.ts'

/** The live status, and a way to have it at once after a change: that of many keys comes seldom by itself. */
export function useStatus(): {
  readonly status: Status | undefined
  readonly refresh: () => Promise<void>
} {
  const { status } = useLive()
  const [fresh, setFresh] = useState<Status>()
  const refresh = useCallback(async () => setFresh(await ask<Status>('status')), [])
  const isNewer = fresh !== undefined && (status === undefined || fresh.now > status.now)
  return { status: isNewer ? fresh : status, refresh }
}
