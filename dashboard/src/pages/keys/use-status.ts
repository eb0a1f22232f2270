import { useCallback, useEffect, useState } from 'preact/hooks'
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
  useEffect(() => setFresh(undefined), [status])
  const refresh = useCallback(async () => setFresh(await ask<Status>('status')), [])
  return { status: fresh ?? status, refresh }
}
