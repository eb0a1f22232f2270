import assert from 'node:assert/strict'
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { environmentFor, type Simulator, startSimulator } from '../../src/simulator/index.ts'
import { Desk, type Running } from '../support/cli.ts'
import { freePort } from '../support/free-port.ts'

// Two keys of one account, then an account each.
const [one, twin, other, third] = ['one', 'twin', 'other', 'third'].map(
  (name) => `sk-or-v1-${name.padEnd(64, '0')}`,
) as [string, string, string, string]
const accounts = [{ keys: [one, twin] }, { keys: [other] }, { keys: [third] }]

interface Office {
  readonly desk: Desk
  readonly gateway: Running
  readonly config: string
}

/** A gateway that runs with the key `one`, set in its config file. */
async function openOffice(simulator: Simulator): Promise<Office & AsyncDisposable> {
  const { OPENROUTER_BASE_URL = '' } = environmentFor(simulator)
  const desk = new Desk({
    OPENROUTER_BASE_URL,
    SWITCHYARD_PORT: await freePort(),
    SWITCHYARD_LOG: 'warn',
  })
  assert.equal((await desk.run(['keys', 'add', 'openrouter', '--name', 'one'], one)).code, 0)
  const gateway = desk.start(['serve'])
  await gateway.until(/Try it:\n.*\n/)
  return {
    desk,
    gateway,
    config: join(desk.home, 'switchyard.yaml'),
    async [Symbol.asyncDispose]() {
      await gateway.stop()
      desk[Symbol.dispose]()
    },
  }
}

interface ShownStatus {
  readonly providers: readonly {
    readonly name: string
    readonly accounts: readonly { readonly keys: readonly { readonly name: string }[] }[]
  }[]
}

async function accountsOf({ desk }: Office): Promise<readonly (readonly string[])[]> {
  const { providers } = JSON.parse((await desk.run(['status', '--json'])).out) as ShownStatus
  const found = providers.find(({ name }) => name === 'openrouter')?.accounts ?? []
  return found.map(({ keys }) => keys.map(({ name }) => name))
}

test('a key that is added while the gateway runs takes calls at once, in the account that it belongs to', async () => {
  await using simulator = await startSimulator({ openrouter: { accounts } })
  await using office = await openOffice(simulator)
  const { desk, config } = office
  const added = await desk.run(['keys', 'add', 'openrouter', '--name', 'other'], other)
  assert.equal(added.code, 0, added.err)
  assert.match(added.out, /accepts it.*\nThe running gateway uses it from now on\.\n$/)
  await desk.run(['keys', 'add', 'openrouter', '--name', 'twin'], twin)
  assert.deepEqual(await accountsOf(office), [['one', 'twin'], ['other']])

  await desk.run(['keys', 'disable', 'one'])
  await desk.run(['keys', 'disable', 'twin'])
  assert.equal((await desk.run(['chat', 'hello'])).code, 0)
  const logs = JSON.parse((await desk.run(['logs', '--json', '-n', '1'])).out) as { readonly key: string }
  assert.equal(logs.key, 'other')

  // By hand, and told afterwards.
  writeFileSync(join(desk.home, 'third.txt'), third, { mode: 0o600 })
  const before = readFileSync(config, 'utf8')
  appendFileSync(config, '      - { name: third, keyFile: third.txt }\n')
  const reloaded = await desk.run(['keys', 'reload'])
  assert.deepEqual([reloaded.code, reloaded.out], [0, 'From now on in use: third\n'], reloaded.err)
  const again = await desk.run(['keys', 'reload', '--json'])
  assert.deepEqual(JSON.parse(again.out), { configFile: config, taken: [], left: [] })
  assert.deepEqual(await accountsOf(office), [['one', 'twin'], ['other'], ['third']])

  // What has to wait is said, and a mistake in the file changes nothing.
  writeFileSync(join(desk.home, 'third.txt'), `${third}x`)
  writeFileSync(
    config,
    before.replaceAll(/ {6}- name: other\n.*\n/g, '') + '      - { name: third, keyFile: third.txt }\n',
  )
  const waiting = await desk.run(['keys', 'reload'])
  assert.match(waiting.out, /^Nothing new in .*switchyard\.yaml\n/)
  assert.match(waiting.out, /other: it is not in the settings any more, and in use until it is disabled/)
  assert.match(waiting.out, /third: another key stands under this name now; the next start takes it\n/)
  writeFileSync(config, 'providers: { openrouter: { kees: [] } }\n')
  const broken = await desk.run(['keys', 'reload'])
  assert.equal(broken.code, 1)
  assert.match(broken.err, /unknown setting "providers\.openrouter\.kees"/)
  writeFileSync(config, before)
  assert.deepEqual(await accountsOf(office), [['one', 'twin'], ['other'], ['third']])
})

test('a key whose account is spent joins as spent: no call is wasted on it', async () => {
  await using simulator = await startSimulator({ openrouter: { accounts } })
  await using office = await openOffice(simulator)
  const { desk } = office
  // Fifty a day, all used by somebody else with the other account's key.
  for (let call = 0; call < 50; call += 1) {
    const reply = await fetch(`${environmentFor(simulator)['OPENROUTER_BASE_URL']}/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${other}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'openrouter/free', messages: [{ role: 'user', content: 'hi' }] }),
    })
    await reply.text()
    simulator.clock.advance(4_000)
  }
  const added = await desk.run(['keys', 'add', 'openrouter', '--name', 'other'], other)
  assert.match(added.out, /uses it from now on/)
  await desk.run(['keys', 'disable', 'one'])
  const refused = await desk.run(['chat', 'hello'])
  assert.equal(refused.code, 1)
  assert.match(refused.err, /spent/)
  assert.equal(simulator.counters().openrouter.wasted, 0)
  assert.equal((await desk.run(['logs', '--json'])).out.trim(), '')
})

test('a sandbox says that it has keys of its own; without a gateway there is nobody to tell', async () => {
  await using simulator = await startSimulator({ openrouter: { accounts } })
  const { OPENROUTER_BASE_URL = '' } = environmentFor(simulator)
  using desk = new Desk({ SWITCHYARD_PORT: await freePort(), SWITCHYARD_LOG: 'warn', OPENROUTER_BASE_URL })
  const nobody = await desk.run(['keys', 'reload'])
  assert.equal(nobody.code, 1)
  assert.match(nobody.err, /no gateway runs here/)
  await using gateway = desk.start(['start'])
  await gateway.until(/Try it:\n.*\n/)
  const added = await desk.run(['keys', 'add', 'openrouter', '--name', 'one'], one)
  assert.match(added.out, /The gateway that runs is a sandbox; start it again to use the key\.\n$/)
  assert.equal(added.code, 0, added.err)
})
