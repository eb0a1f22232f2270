import { chmodSync, closeSync, openSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { ConfigError } from '../errors.ts'

const pauseMs = 10
const patienceMs = 1000
// Writing takes milliseconds: what is older was left by a process that died over it.
const forgottenMs = 5000

/**
 * Puts a file in the place of another, all of it or nothing. One process at a time: whoever writes holds the name of the
 * new file, and `unchanged` is asked then. False, and nothing is written, when it says no. Throws ConfigError.
 */
export function replaceFile(
  target: string,
  content: { readonly text: string; readonly mode: number },
  unchanged: () => boolean,
): boolean {
  const fresh = `${target}.new`
  try {
    const file = take(fresh, content.mode)
    try {
      if (unchanged()) {
        writeFileSync(file, content.text)
        chmodSync(fresh, content.mode)
        renameSync(fresh, target)
        return true
      }
    } catch (error) {
      rmSync(fresh, { force: true })
      throw error
    } finally {
      closeSync(file)
    }
    rmSync(fresh, { force: true })
    return false
  } catch (error) {
    if (error instanceof ConfigError) throw error
    throw new ConfigError(`the config file ${target} cannot be written`, { cause: error })
  }
}

function take(fresh: string, mode: number): number {
  for (let waitedMs = 0; ; waitedMs += pauseMs) {
    try {
      return openSync(fresh, 'wx', mode)
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
      if (waitedMs >= patienceMs)
        throw new ConfigError(
          `somebody else is writing ${fresh}; try again, and remove it if nobody does any more`,
        )
      const since = statSync(fresh, { throwIfNoEntry: false })?.mtimeMs ?? Date.now()
      if (Date.now() - since > forgottenMs) rmSync(fresh, { force: true })
      else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, pauseMs)
    }
  }
}
