import assert from 'node:assert/strict'
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { after, test } from 'node:test'
import { homeOf, makePrivateFolder, readKeyFile, readOrCreateKey, sandboxHome } from './home.ts'

const folder = mkdtempSync(join(tmpdir(), 'switchyard-home-'))
after(() => rmSync(folder, { recursive: true }))
const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8)

test('the home is SWITCHYARD_HOME, else in the XDG config folder, else in .config', () => {
  const fallback = join(homedir(), '.config', 'switchyard')
  const rows: readonly (readonly [Record<string, string>, string])[] = [
    [{ SWITCHYARD_HOME: '/srv/sy', XDG_CONFIG_HOME: '/xdg' }, '/srv/sy'],
    [{ SWITCHYARD_HOME: 'here' }, resolve('here')],
    [{ SWITCHYARD_HOME: '', XDG_CONFIG_HOME: '/xdg' }, '/xdg/switchyard'],
    // The specification says that relative ones are to be ignored.
    [{ XDG_CONFIG_HOME: 'relative' }, fallback],
    [{ XDG_CONFIG_HOME: '' }, fallback],
    [{}, fallback],
  ]
  for (const [environment, expected] of rows) assert.equal(homeOf(environment).folder, expected)
  assert.equal(homeOf({ SWITCHYARD_HOME: '/srv/sy' }, '/given').folder, '/given')
})

test('a sandbox has a ledger of its own and the keys of its home', () => {
  const home = homeOf({ SWITCHYARD_HOME: '/srv/sy' })
  const sandbox = sandboxHome(home)
  assert.equal(sandbox.ledgerFile, '/srv/sy/sandbox/ledger.db')
  assert.equal(sandbox.clientKeyFile, home.clientKeyFile)
})

test('folders and key files are only for their owner, whatever the umask', () => {
  const before = process.umask(0)
  try {
    const home = homeOf({}, join(folder, 'deep', 'home'))
    makePrivateFolder(home.folder)
    const { key, created } = readOrCreateKey(home.clientKeyFile, 'sy-')
    assert.match(key, /^sy-[\w-]{32}$/)
    assert.equal(created, true)
    assert.deepEqual([modeOf(home.folder), modeOf(home.clientKeyFile)], ['700', '600'])
    assert.equal(readFileSync(home.clientKeyFile, 'utf8'), `${key}\n`)
    assert.deepEqual(readOrCreateKey(home.clientKeyFile, 'sy-'), { key, created: false })
    assert.notEqual(readOrCreateKey(home.adminKeyFile, 'sya-').key.slice(4), key.slice(3))
  } finally {
    process.umask(before)
  }
})

test('a key file that is missing, empty or unreadable is told apart', () => {
  assert.equal(readKeyFile(join(folder, 'none')), undefined)
  const empty = join(folder, 'empty')
  writeFileSync(empty, '\n')
  assert.equal(readKeyFile(empty), undefined)
  assert.throws(() => readOrCreateKey(empty, 'sy-'), /the key file .*empty holds no key; remove it/)
  assert.throws(() => readKeyFile(folder), /the key file .* cannot be read/)
})

test('a folder that cannot be made says what to set', () => {
  const file = join(folder, 'a-file')
  writeFileSync(file, '')
  assert.throws(() => makePrivateFolder(join(file, 'home')), /cannot be made; set SWITCHYARD_HOME/)
  assert.throws(() => readOrCreateKey(join(file, 'key'), 'sy-'), /SWITCHYARD_HOME|cannot be read/)
  chmodSync(file, 0o600)
})
