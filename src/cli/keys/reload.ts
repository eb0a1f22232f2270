import { ProviderError, RouterError } from '../../errors.ts'
import type { TakenKeys } from '../../routing/joining.ts'
import { isSameFile } from '../../config/same-file.ts'
import { type Local, openLocal } from '../local.ts'
import { withProgress } from '../terminal/progress.ts'

export interface ReloadFlags {
  readonly json?: boolean
}

type Reloaded = TakenKeys & { readonly configFile: string }

// The gateway asks the services about each new key, three seconds at the most, 32 at a time.
const patienceMs = 60_000

/** `switchyard keys reload`: the running gateway takes the keys that were added to the settings since it started. */
export async function reloadKeys(flags: ReloadFlags): Promise<void> {
  const reloaded = await withProgress('The gateway reads its settings', askToReload(openLocal()))
  if (reloaded === undefined)
    throw new RouterError('unavailable', 'no gateway runs here; the next start reads all settings anyway')
  if (flags.json === true) return console.log(JSON.stringify(reloaded, undefined, 2))
  const { taken, left, configFile } = reloaded
  console.log(taken.length === 0 ? `Nothing new in ${configFile}` : `From now on in use: ${taken.join(', ')}`)
  for (const { name, why } of left) console.log(`${name}: ${why}`)
}

/** Undefined when no gateway answers. Throws RouterError when it refuses. */
function askToReload(local: Local): Promise<Reloaded | undefined> {
  return local.ask<Reloaded>('/admin/keys/reload', {}, patienceMs)
}

/** Whether the running gateway uses a key that was just added to the settings, in a sentence; undefined: none runs. */
export async function toldGateway(local: Local, key: string): Promise<string | undefined> {
  let reloaded: Reloaded | undefined
  try {
    reloaded = await askToReload(local)
  } catch (error) {
    const isSandbox = error instanceof ProviderError && error.upstreamStatus === 501
    if (isSandbox) return 'The gateway that runs is a sandbox; start it again to use the key.'
    const why = error instanceof Error ? error.message : String(error)
    return `The running gateway takes it at its next start, for now it did not: ${why}`
  }
  if (reloaded === undefined) return undefined
  if (reloaded.taken.includes(key)) return 'The running gateway uses it from now on.'
  const left = reloaded.left.find(({ name }) => name === key)
  if (left !== undefined) return `The running gateway does not use it yet: ${left.why}.`
  if (!isSameFile(reloaded.configFile, local.loaded.configFile))
    return `The running gateway has another config file, ${reloaded.configFile}, and does not know the key.`
  // Another command was quicker to tell it.
  return 'The running gateway uses it.'
}
