import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { environmentFor, type Simulator, startSimulator } from '../../src/simulator/index.ts'
import { canaries, canaryKeys, canarySimulator, secretsIn } from '../support/canaries.ts'
import { Desk } from '../support/cli.ts'
import { freePort } from '../support/free-port.ts'

/** Only where the services are; the keys come in by commands. */
function addressesOf(simulator: Simulator): Record<string, string> {
  const { OPENROUTER_BASE_URL = '', OLLAMA_BASE_URL = '' } = environmentFor(simulator)
  return { OPENROUTER_BASE_URL, OLLAMA_BASE_URL }
}

const config = (desk: Desk): string => readFileSync(join(desk.home, 'switchyard.yaml'), 'utf8')

test('a key is added from a pipe or a file: checked live, kept in a file of mode 600, the comments stay, nothing shows it', async () => {
  await using simulator = await startSimulator(canarySimulator)
  using desk = new Desk({ ...addressesOf(simulator), SWITCHYARD_PORT: await freePort() })
  writeFileSync(join(desk.home, 'switchyard.yaml'), '# mine\nlog: warn # quiet\n')
  const { openrouter, ollama } = canaries.usual
  const piped = await desk.run(['keys', 'add', 'openrouter', '--name', 'work'], `${openrouter}\n`)
  assert.equal(piped.code, 0, piped.err)
  assert.match(piped.out, /^work \(sk-or-v1…\) is in .*keys\/work, mode 600, and in .*switchyard\.yaml\n/)
  assert.match(piped.out, /OpenRouter accepts it; its account has 50 free requests a day\n$/)
  writeFileSync(join(desk.home, 'mine.txt'), ollama)
  const filed = await desk.run(['keys', 'add', 'ollama', '--key-file', 'mine.txt', '--account', 'acme'])
  assert.equal(filed.code, 0, filed.err)
  assert.equal(
    config(desk),
    `# mine
log: warn # quiet
providers:
  openrouter:
    keys:
      - name: work
        keyFile: keys/work
  ollama:
    keys:
      - name: ollama-1
        keyFile: keys/ollama-1
        account: acme
`,
  )
  assert.equal(statSync(join(desk.home, 'keys/work')).mode & 0o777, 0o600)
  assert.equal(statSync(join(desk.home, 'keys')).mode & 0o777, 0o700)

  const [again, wrong, nobody, odd, checked, list] = await Promise.all([
    desk.run(['keys', 'add', 'openrouter'], openrouter),
    desk.run(['keys', 'add', 'openrouter'], 'sk-or-v1-not-a-key-of-anybody-0123456789'),
    desk.run(['keys', 'add', 'nobody'], openrouter),
    desk.run(['keys', 'add', 'openrouter', '--name', '../up'], canaries.odd.openrouter),
    desk.run(['config', 'check', '--json']),
    desk.run(['keys', '--json']),
  ])
  assert.match(again.err, /that key is there already, as work/)
  assert.match(wrong.err, /OpenRouter does not accept this key \(401\); nothing was written/)
  assert.match(nobody.err, /there is no provider "nobody"; known: openrouter, ollama/)
  assert.match(odd.err, /a key's name is made of/)
  assert.deepEqual([again.code, wrong.code, nobody.code, odd.code], [1, 1, 1, 2])
  assert.deepEqual(JSON.parse(checked.out), { ok: true, problems: [], notes: [] })
  assert.deepEqual(JSON.parse(list.out), [
    { provider: 'openrouter', name: 'work', masked: 'sk-or-v1…', state: 'ready' },
    {
      provider: 'ollama',
      name: 'ollama-1',
      masked: `${ollama.slice(0, 8)}…`,
      account: 'acme',
      state: 'ready',
    },
  ])
  const all = [piped, filed, again, wrong, nobody, odd, checked, list]
    .map(({ out, err }) => out + err)
    .join('\n')
  assert.deepEqual(secretsIn(all, canaryKeys), [])
})

test('a disabled key takes no call, with and without a gateway, until it is enabled', async () => {
  await using simulator = await startSimulator()
  using desk = new Desk({ ...environmentFor(simulator), SWITCHYARD_PORT: await freePort() })
  const [first, second] = ['OPENROUTER_API_KEY_1', 'OPENROUTER_API_KEY_2']
  // Without a gateway: into its ledger.
  const before = await desk.run(['keys', 'disable', first])
  assert.equal(before.code, 0, before.err)
  {
    await using gateway = desk.start(['serve'])
    await gateway.until(/Try it:\n.*\n/)
    assert.match((await desk.run(['chat', 'hi'])).err, new RegExp(second))
    assert.equal((await desk.run(['keys', 'disable', second])).code, 0)
    assert.equal((await desk.run(['keys', 'release', second])).code, 0)
    assert.match((await desk.run(['chat', 'hi'])).err, /OPENROUTER_API_KEY_3/)
    assert.match((await desk.run(['status'])).out, /OPENROUTER_API_KEY_2 +sk-or-v1… +disabled/)
  }
  const states = async (): Promise<unknown> =>
    (JSON.parse((await desk.run(['keys', '--json'])).out) as { state: string }[]).map(({ state }) => state)
  assert.deepEqual(await states(), ['disabled', 'disabled', 'ready', 'ready', 'ready'])
  assert.equal((await desk.run(['keys', 'enable', first])).code, 0)
  await using gateway = desk.start(['serve'])
  await gateway.until(/Try it:\n.*\n/)
  assert.deepEqual(await states(), ['ready', 'disabled', 'ready', 'ready', 'ready'])
  assert.match((await desk.run(['keys', 'disable', 'NOBODY'])).err, /there is no key named "NOBODY"/)
})

test('keys test tells accepted from refused, and what keys of one account are worth; it spends nothing', async () => {
  await using simulator = await startSimulator({
    openrouter: { accounts: [{ keys: ['sk-or-v1-one-0123456789', 'sk-or-v1-two-0123456789'] }] },
  })
  using desk = new Desk({
    ...environmentFor(simulator),
    OPENROUTER_API_KEY_9: 'sk-or-v1-wrong-0123456789',
    SWITCHYARD_PORT: await freePort(),
  })
  const alone = await desk.run(['keys', 'test'])
  assert.equal(alone.code, 1)
  assert.match(alone.out, /^OPENROUTER_API_KEY_1 +\S+ +accepted +0 of 50 free used today, \d+ ms$/m)
  assert.match(alone.out, /^OPENROUTER_API_KEY_9 +\S+ +refused +OpenRouter answered 401$/m)
  assert.match(
    alone.out,
    /^2 keys, 1 account: 50 free requests a day, not 100 \(OPENROUTER_API_KEY_1, OPENROUTER/m,
  )
  await using gateway = desk.start(['serve'])
  await gateway.until(/Try it:\n.*\n/)
  const named = await desk.run(['keys', 'test', 'OPENROUTER_API_KEY_2', '--json'])
  assert.equal(named.code, 0)
  const [check] = JSON.parse(named.out) as { verdict: string; name: string }[]
  assert.deepEqual([check?.verdict, check?.name], ['accepted', 'OPENROUTER_API_KEY_2'])
  const { openrouter, ollama } = simulator.counters()
  assert.deepEqual([openrouter.calls, ollama.calls], [0, 0])
})

test('config check names each mistake with its line, and exits with 1', async () => {
  using desk = new Desk()
  mkdirSync(join(desk.home, 'sub'))
  writeFileSync(join(desk.home, 'sub/bad.yaml'), 'server:\n  prot: 1\nlog: loud\n')
  const bad = await desk.run(['config', 'check', '--config', 'sub/bad.yaml', '--json'])
  const { ok, problems } = JSON.parse(bad.out) as { ok: boolean; problems: string[] }
  assert.deepEqual([bad.code, ok, problems.length], [1, false, 2])
  assert.match(problems.join('\n'), /bad\.yaml:2: unknown setting "server\.prot"; did you mean "port"\?/)
  const fine = await desk.run(['config', 'check'])
  assert.deepEqual([fine.code, /The settings are fine/.test(fine.out)], [0, true])
  writeFileSync(join(desk.home, 'switchyard.yaml'), 'notify: { targets: [{ type: slack, urlEnv: SLACK }] }\n')
  const unsent = await desk.run(['config', 'check'])
  const refused = await desk.run(['start', '--port', '0'])
  for (const { code, out, err } of [unsent, refused]) {
    assert.equal(code, 1)
    assert.match(out + err, /switchyard\.yaml:1: "slack" takes its url from SLACK, which is not set/)
  }
  const looked = await desk.run(['doctor', '--offline'])
  assert.match(looked.out, /^error {4}config: a gateway would not start: .*"slack" takes its url from SLACK/m)
  const open = new Desk({ SWITCHYARD_HOST: '0.0.0.0' })
  assert.match(
    (await open.run(['config', 'check'])).out,
    /^error listening on 0\.0\.0\.0 lets other machines in/,
  )
  open[Symbol.dispose]()
})
