import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { ConfigClientBook } from './client-book.ts'
import { readConfigFile } from './file.ts'

const folder = mkdtempSync(join(tmpdir(), 'switchyard-book-'))
after(() => rmSync(folder, { recursive: true }))

let number = 0

/** A book of a config file in a folder of its own. */
function bookOf(text: string): {
  readonly book: ConfigClientBook
  readonly configFile: string
  readonly keysFolder: string
  readonly text: () => string
} {
  const keysFolder = join(folder, String(++number), 'clients')
  const configFile = join(folder, `${number}.yaml`)
  writeFileSync(configFile, text)
  const book = new ConfigClientBook(
    { configFile, keysFolder },
    readConfigFile(configFile) ?? {},
    'client-key',
  )
  return { book, configFile, keysFolder, text: () => readFileSync(configFile, 'utf8') }
}

test('a client is added with a fresh key in a file of its own, changed, and revoked without a trace', () => {
  const { book, text, keysFolder } = bookOf('# mine\nlog: warn # quiet\n')
  const added = book.add('desk', { freeOnly: true, usdPerDay: 2, usdPerMonth: null })
  assert.match(added.key, /^sy-[\w-]{32}$/)
  assert.equal(added.keyFile, join(keysFolder, 'desk'))
  assert.equal(readFileSync(added.keyFile, 'utf8'), `${added.key}\n`)
  assert.equal(statSync(added.keyFile).mode & 0o777, 0o600)
  assert.deepEqual(added.policy.ceilings, [{ client: 'desk', window: 'day', nanoUsd: 2e9 }])
  const changed = book.change('desk', { freeOnly: false, usdPerDay: null, usdPerMonth: 5 })
  assert.deepEqual(changed.policy.ceilings, [{ client: 'desk', window: 'month', nanoUsd: 5e9 }])
  assert.equal(
    text(),
    `# mine\nlog: warn # quiet\nclients:\n  - name: desk\n    keyFile: ${number}/clients/desk\n    usdPerMonth: 5\n`,
  )
  assert.deepEqual(book.list().at(-1), {
    name: 'desk',
    builtIn: false,
    freeOnly: false,
    usdPerDay: null,
    usdPerMonth: 5,
    keyFrom: `${number}/clients/desk`,
  })
  assert.deepEqual(book.revoke('desk').keyFileRemoved, true)
  assert.equal(text(), '# mine\nlog: warn # quiet\n')
  assert.equal(existsSync(added.keyFile), false)
})

test('what cannot be done changes neither file nor key file nor what is in force', () => {
  const before = `clients: [{ name: bot, keyEnv: BOT }]\n`
  const { book, text, keysFolder, configFile } = bookOf(before)
  const refusals: readonly (readonly [() => unknown, RegExp])[] = [
    [() => book.add('bot', {}), /there is a client named "bot" already/],
    [() => book.add('default', {}), /"default" is a client of the router itself; choose another name/],
    [() => book.add('../up', {}), /a client's name is made of/],
    [() => book.change('nobody', { freeOnly: true }), /there is no client "nobody"/],
    [() => book.change('default', { freeOnly: true }), /its ceilings stand under "policy"/],
    [() => book.revoke('nobody'), /there is no client "nobody"/],
    [() => book.revoke('library'), /it cannot be revoked/],
  ]
  for (const [act, message] of refusals) assert.throws(act, message)
  assert.equal(text(), before)
  const broken = 'clients: [{ name: bot, keyEnv: BOT }]\nprot: 1\n'
  writeFileSync(configFile, broken)
  const mistake = /nothing was changed, as the config file has a mistake: .*unknown setting "prot"/
  for (const act of [
    () => book.add('late', {}),
    () => book.change('bot', { freeOnly: true }),
    () => book.revoke('bot'),
  ])
    assert.throws(act, mistake)
  assert.equal(text(), broken)
  assert.equal(existsSync(keysFolder), false)
  assert.deepEqual(
    book.list().map(({ name, freeOnly }) => [name, freeOnly]),
    [
      ['default', false],
      ['library', false],
      ['dashboard', false],
      ['bot', false],
    ],
  )
})

test('a key file of an entry that could not be written does not stay', () => {
  const { book, keysFolder, configFile } = bookOf('log: warn\n')
  writeFileSync(`${configFile}.new`, 'somebody writes')
  assert.throws(() => book.add('late', {}), /somebody else is writing/)
  assert.equal(existsSync(join(keysFolder, 'late')), false)
  rmSync(`${configFile}.new`)
  book.add('late', {})
})

test('whoever is revoked is taken out of the policy: ceilings, and a reserve that would be kept for nobody', () => {
  const config = (clients: string): string =>
    `policy: { ceilings: [{ client: bot, usdPerDay: 1 }, { usdPerDay: 3 }], reserve: { share: 0.2, clients: ${clients} } }\nclients: [{ name: bot, keyEnv: BOT }, { name: desk, keyEnv: DESK }]\n`
  const shared = bookOf(config('[bot, desk]')).book.revoke('bot')
  assert.equal(shared.policyCleared, true)
  assert.deepEqual(shared.policy, {
    freeOnly: false,
    ceilings: [{ window: 'day', nanoUsd: 3e9 }],
    reserve: { share: 0.2, clients: ['desk'] },
  })
  const alone = bookOf(config('[bot]'))
  assert.equal(alone.book.revoke('bot').policy.reserve, undefined)
  assert.equal(readConfigFile(alone.configFile)?.policy?.reserve, undefined)
  assert.equal(alone.book.revoke('desk').policyCleared, false)
})

test('what is written into the file by hand meanwhile stays there and is not in force', () => {
  const { book, configFile, text } = bookOf('clients: [{ name: bot, keyEnv: BOT }]\n')
  const byHand = `policy: { ceilings: [ { usdPerDay: 9 } ] }\nclients:\n  - { name: bot, keyEnv: BOT, usdPerMonth: 7 }\n  - { name: hand, keyEnv: HAND }\n`
  writeFileSync(configFile, byHand)
  assert.throws(() => book.add('hand', {}), /there is a client named "hand" already/)
  assert.throws(() => book.change('hand', { freeOnly: true }), /written into the file by hand/)
  assert.deepEqual(book.change('bot', { usdPerDay: 1 }).policy.ceilings, [
    { client: 'bot', window: 'day', nanoUsd: 1e9 },
  ])
  assert.equal(text(), byHand.replace('usdPerMonth: 7 }', 'usdPerMonth: 7, usdPerDay: 1 }'))
  book.revoke('hand')
  assert.deepEqual(
    readConfigFile(configFile)?.clients?.map(({ name }) => name),
    ['bot'],
  )
})

test('one that was taken out of the file by hand can still be revoked', () => {
  const { book, configFile } = bookOf('clients: [{ name: bot, keyEnv: BOT }]\n')
  writeFileSync(configFile, '')
  assert.equal(book.revoke('bot').keyFileRemoved, false)
  assert.throws(() => book.revoke('bot'), /there is no client "bot"/)
})
