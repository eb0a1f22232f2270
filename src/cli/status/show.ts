import { setTimeout as sleep } from 'node:timers/promises'
import { load } from '../../config/load.ts'
import type { Status } from '../../routing/status.ts'
import { askGateway } from '../gateway-client.ts'
import { cleaned, printable } from '../printable.ts'
import { localGateway, serverSettings } from '../settings.ts'
import { withProgress } from '../terminal/progress.ts'
import { interrupted, showAgain } from '../terminal/screen.ts'
import { viewOf } from '../terminal/view.ts'
import { WrongUsage } from '../wrong-usage.ts'
import { renderStatus } from './render.ts'
import { readStored, renderStored } from './stored.ts'

export interface StatusFlags {
  readonly json?: boolean
  readonly watch?: boolean
  readonly interval: string
}

/** `switchyard status`: from the running gateway; without one, what its ledger holds. */
export async function showStatus(flags: StatusFlags): Promise<void> {
  const seconds = Number(flags.interval)
  if (!(seconds >= 0.2 && seconds <= 3600))
    throw new WrongUsage(`--interval takes seconds from 0.2 to 3600; got "${flags.interval.slice(0, 20)}"`)
  const read = (): Promise<string> => statusText(flags.json === true, flags.watch !== true)
  if (flags.watch !== true) {
    console.log(await withProgress('Asking the gateway', read()))
    return
  }
  const signal = interrupted()
  if (process.stdout.isTTY && flags.json !== true) {
    await showAgain({ output: process.stdout, everyMs: seconds * 1000, signal, draw: read })
    return
  }
  // In a pipe: one picture after the other.
  while (!signal.aborted) {
    console.log(await read())
    await sleep(seconds * 1000, undefined, { signal }).catch(() => {})
  }
}

/** `pretty`: JSON over several lines. */
async function statusText(json: boolean, pretty: boolean): Promise<string> {
  const { home, file } = load({ environment: process.env })
  const gateway = localGateway(serverSettings(process.env, file), home)
  const live = (await askGateway(`${gateway.url}/admin/status`, gateway.adminKey)) as unknown as
    | Status
    | undefined
  const write = (value: object): string => JSON.stringify(value, undefined, pretty ? 2 : undefined)
  if (live !== undefined) {
    if (json) return write({ running: true, ...live })
    // The gateway's own clock: in the sandbox it can be moved.
    return renderStatus(cleaned(live), gateway.url, viewOf(Date.parse(live.now)))
  }
  const now = Date.now()
  const stored = readStored(home.ledgerFile, now)
  return json
    ? write({ running: false, ...stored })
    : printable(renderStored(gateway.url, stored, viewOf(now)))
}
