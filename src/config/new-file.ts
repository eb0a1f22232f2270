import { closeSync, fchmodSync, openSync, rmSync, writeFileSync } from 'node:fs'

/**
 * Writes a file that only its owner can read. Never over another one, and where there is no room for it none is left: an
 * empty one would stand in the way once there is. Throws what the file system says.
 */
export function writeNewFile(path: string, text: string): void {
  const file = openSync(path, 'wx', 0o600)
  try {
    fchmodSync(file, 0o600)
    writeFileSync(file, text)
  } catch (error) {
    rmSync(path, { force: true })
    throw error
  } finally {
    closeSync(file)
  }
}
