import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { after, test } from 'node:test'

const folder = mkdtempSync(join(tmpdir(), 'switchyard-full-'))
after(() => rmSync(folder, { recursive: true }))

/** Runs code where no file can hold a byte, as on a full disk; what it says of that. */
function withoutRoom(code: string): string {
  const script = join(import.meta.dirname, 'home.ts')
  const program = `import { readOrCreateKey } from ${JSON.stringify(script)}
    import { writeSecretFile } from ${JSON.stringify(resolve(script, '../secret-file.ts'))}
    try { ${code} } catch (error) { console.log(error.message) }`
  const limits = 'trap \'\' XFSZ; ulimit -f 0; exec "$@"'
  const args = [process.execPath, '--input-type=module', '-e', program]
  return spawnSync('sh', ['-c', limits, 'sh', ...args], { encoding: 'utf8' }).stdout
}

const options = { skip: process.platform === 'win32' ? 'there is no such limit' : false }

test('where there is no room for a secret, no empty file of it is left in the way', options, () => {
  const [key, secret] = [join(folder, 'client-key'), join(folder, 'work')]
  assert.match(withoutRoom(`readOrCreateKey(${JSON.stringify(key)}, 'sy-')`), /client-key cannot be written/)
  assert.match(withoutRoom(`writeSecretFile(${JSON.stringify(secret)}, 'x')`), /work cannot be written/)
  assert.deepEqual(readdirSync(folder), [])
})
