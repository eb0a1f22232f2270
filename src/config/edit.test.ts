import assert from 'node:assert/strict'
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { ConfigError } from '../errors.ts'
import { ConfigEdit, editConfig } from './edit.ts'

const folder = mkdtempSync(join(tmpdir(), 'switchyard-edit-'))
after(() => rmSync(folder, { recursive: true }))

let number = 0
function fileOf(text: string): string {
  const path = join(folder, `${++number}.yaml`)
  writeFileSync(path, text)
  return path
}

const keys = ['providers', 'openrouter', 'keys']

test('an entry is added, and every comment and line that was there stays', () => {
  const before = `# mine
server:
  port: 5000   # not the usual one

providers:
  openrouter:
    # the free one: two accounts
    keys:
      - keyEnv: WORK   # from the vault
        name: work
log: warn
`
  const path = fileOf(before)
  const edit = new ConfigEdit(path)
  edit.append(keys, { name: 'second', keyFile: 'keys/second' })
  edit.save()
  const written = readFileSync(path, 'utf8')
  const added = 'name: work\n      - name: second\n        keyFile: keys/second\n'
  // Spaces in front of a comment are all that may change.
  assert.equal(
    written,
    before.replaceAll(/ +#/g, ' #').replace('\n #', '\n    #').replace('name: work\n', added),
  )
  const again = new ConfigEdit(path)
  assert.deepEqual(again.remove(keys, 'second'), { name: 'second', keyFile: 'keys/second' })
  assert.equal(again.remove(keys, 'second'), undefined)
  again.save()
  assert.deepEqual(
    [...readFileSync(path, 'utf8').matchAll(/#.*$/gm)].map(([comment]) => comment),
    [...before.matchAll(/#.*$/gm)].map(([comment]) => comment),
  )
})

test('a list can be begun anywhere: without a file, in an empty one, after a comment, in one line', () => {
  for (const text of [undefined, '', '# only a comment\n', 'providers: { openrouter: { keys: [] } }\n']) {
    const path = text === undefined ? join(folder, 'deep', 'new.yaml') : fileOf(text)
    const edit = new ConfigEdit(path)
    edit.append(keys, { name: 'one', keyFile: 'keys/one' })
    edit.save()
    const [entry] = new ConfigEdit(path).check().providers?.['openrouter']?.keys ?? []
    assert.deepEqual({ ...entry }, { name: 'one', keyFile: 'keys/one' })
    if (text?.startsWith('#')) assert.match(readFileSync(path, 'utf8'), /^# only a comment\n/)
  }
  assert.equal(statSync(join(folder, 'deep', 'new.yaml')).mode & 0o777, 0o600)
})

test('what would not be read afterwards is not written', () => {
  const text =
    'policy: { reserve: { share: 0.2, clients: [bot] } }\nclients:\n  - { name: bot, keyEnv: BOT }\n'
  const path = fileOf(text)
  const edit = new ConfigEdit(path)
  edit.remove(['clients'], 'bot')
  assert.throws(() => edit.save(), ConfigError)
  const wrong = new ConfigEdit(path)
  wrong.set(['server', 'prot'], 1)
  assert.throws(() => wrong.save(), /unknown setting "server.prot"/)
  assert.equal(readFileSync(path, 'utf8'), text)
  assert.throws(() => new ConfigEdit(fileOf('server: [')), ConfigError)
})

test('mode and link of the file stay', () => {
  const path = fileOf('log: warn\n')
  chmodSync(path, 0o640)
  const link = join(folder, 'link.yaml')
  symlinkSync(path, link)
  const edit = new ConfigEdit(link)
  edit.set(['log'], 'silent')
  edit.save()
  assert.equal(readFileSync(path, 'utf8'), 'log: silent\n')
  assert.equal(statSync(path).mode & 0o777, 0o640)
})

test('members of an entry are set and taken out; comments beside them stay', () => {
  const path = fileOf(
    'clients:\n  # the robot\n  - name: bot # mine\n    keyEnv: BOT\n    usdPerDay: 2 # was 1\n',
  )
  const edit = new ConfigEdit(path)
  edit.alter(['clients'], 'bot', { usdPerDay: 3, usdPerMonth: 5 })
  edit.alter(['clients'], 'nobody', { usdPerDay: 9 })
  edit.save()
  assert.equal(
    readFileSync(path, 'utf8'),
    'clients:\n  # the robot\n  - name: bot # mine\n    keyEnv: BOT\n    usdPerDay: 3 # was 1\n    usdPerMonth: 5\n',
  )
  const flow = fileOf('clients: [{ name: bot, keyEnv: BOT, freeOnly: true }]\n')
  editConfig(flow, (again) => again.alter(['clients'], 'bot', { freeOnly: undefined, usdPerDay: 0 }))
  assert.equal(readFileSync(flow, 'utf8'), 'clients: [ { name: bot, keyEnv: BOT, usdPerDay: 0 } ]\n')
})

test('what somebody else writes meanwhile is kept: the change is made anew, or refused', () => {
  const path = fileOf('log: warn\n')
  let tries = 0
  editConfig(path, (edit) => {
    if (tries++ === 0) writeFileSync(path, 'log: silent\n')
    edit.set(['traces'], true)
  })
  assert.deepEqual([tries, readFileSync(path, 'utf8')], [2, 'log: silent\ntraces: true\n'])
  const late = new ConfigEdit(path)
  writeFileSync(path, 'log: info\n')
  assert.throws(() => late.save(), /somebody else changed the config file/)
  assert.equal(readFileSync(path, 'utf8'), 'log: info\n')
})

test('one process writes at a time; what a dead one left behind is in nobody’s way for long', () => {
  const path = fileOf('log: warn\n')
  writeFileSync(`${path}.new`, 'half')
  const change = (edit: ConfigEdit): void => edit.set(['log'], 'info')
  assert.throws(() => editConfig(path, change), /somebody else is writing/)
  const longAgo = Date.now() / 1000 - 60
  utimesSync(`${path}.new`, longAgo, longAgo)
  editConfig(path, change)
  assert.equal(readFileSync(path, 'utf8'), 'log: info\n')
  assert.equal(existsSync(`${path}.new`), false)
})

test('a file with a mistake is told as such, and that nothing was changed', () => {
  assert.throws(
    () => editConfig(fileOf('server: ['), () => {}),
    /nothing was changed, as the config file has a mistake: .*:\d+: /,
  )
})
