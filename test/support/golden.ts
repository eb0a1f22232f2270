import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

const folder = resolve(import.meta.dirname, '../golden')

/** Compares a text with the file of that name in `test/golden`; `npm run golden` writes the files anew. */
export function assertGolden(name: string, text: string): void {
  const path = join(folder, name)
  if (process.env['GOLDEN'] === 'write') writeFileSync(path, `${text}\n`)
  assert.equal(`${text}\n`, readFileSync(path, 'utf8'), `${name}; if it is meant: npm run golden`)
}
