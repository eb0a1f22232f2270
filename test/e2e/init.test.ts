import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { environmentFor, type Simulator, startSimulator } from '../../src/simulator/index.ts'
import { canaries, canaryKeys, canarySimulator, secretsIn } from '../support/canaries.ts'
import { Desk, type Run } from '../support/cli.ts'
import { freePort } from '../support/free-port.ts'

const twins = ['sk-or-v1-ca4a27-one-0123456789', 'sk-or-v1-ca4a27-two-0123456789'] as const
const enter = '\r'
const down = '\u001b[B'
const ctrlC = '\u0003'

async function deskFor(simulator: Simulator): Promise<Desk> {
  const { OPENROUTER_BASE_URL = '', OLLAMA_BASE_URL = '' } = environmentFor(simulator)
  return new Desk({
    OPENROUTER_BASE_URL,
    OLLAMA_BASE_URL,
    SWITCHYARD_PORT: await freePort(),
    TERM: 'xterm',
    NO_COLOR: '1',
  })
}

/** Answers a question once it is shown: what was shown before is not looked at again. */
async function answer(run: Run, question: RegExp, keys: string): Promise<void> {
  const before = asked.get(run) ?? 0
  await run.until(new RegExp(`^[^]{${before}}[^]*?${question.source}`))
  asked.set(run, run.text().length)
  run.child.stdin?.write(keys)
}
const asked = new WeakMap<Run, number>()

test('the wizard checks keys without spending quota, says what they are worth, writes what was answered, and shows no key', async () => {
  await using simulator = await startSimulator({ openrouter: { accounts: [{ keys: [...twins] }] } })
  using desk = await deskFor(simulator)
  const run = desk.onTerminal(['init'], 100, 60)
  await answer(run, /Which services/, ` ${enter}`)
  await answer(run, /Key of OpenRouter/, `${twins[0]}${enter}`)
  await answer(run, /A name for it/, enter)
  await answer(run, /Another key/, 'y')
  await answer(run, /Key of OpenRouter/, `${twins[1]}${enter}`)
  await answer(run, /A name for it/, enter)
  await answer(run, /Another key/, 'n')
  await answer(run, /What may it cost/, `${down}${enter}`)
  await answer(run, /dollars a month/, enter)
  await answer(run, /How is the gateway told/, enter)
  assert.equal((await run.ended).code, 0, run.text())
  const text = run.text()
  assert.match(text, /OpenRouter: 2 keys, 1 account: 50 free requests a day, not 100/)
  assert.match(text, /policy: free quota first, then paid calls up to \$5 a month/)
  assert.match(text, /export ANTHROPIC_BASE_URL=http:\/\/127\.0\.0\.1:\d+/)
  assert.deepEqual(secretsIn(text, twins), [])
  assert.equal(
    readFileSync(join(desk.home, 'switchyard.yaml'), 'utf8'),
    `providers:
  openrouter:
    keys:
      - name: openrouter-1
        keyFile: keys/openrouter-1
        account: openrouter-account-1
      - name: openrouter-2
        keyFile: keys/openrouter-2
        account: openrouter-account-1
policy:
  ceilings:
    - usdPerMonth: 5
`,
  )
  for (const file of ['keys/openrouter-1', 'keys/openrouter-2', 'client-key'])
    assert.equal(statSync(join(desk.home, file)).mode & 0o777, 0o600, file)
  assert.equal(simulator.counters().openrouter.calls, 0)
  await using gateway = desk.start(['serve'])
  assert.match(await gateway.until(/Try it:\n/), /OpenRouter keys: 2\n/)
})

test('Ctrl-C at any question leaves nothing behind', async () => {
  await using simulator = await startSimulator(canarySimulator)
  using desk = await deskFor(simulator)
  const run = desk.onTerminal(['init'], 100, 60)
  await answer(run, /Which services/, ` ${enter}`)
  await answer(run, /Key of OpenRouter/, `${canaries.usual.openrouter}${enter}`)
  await answer(run, /A name for it/, ctrlC)
  assert.equal((await run.ended).code, 130)
  assert.match(run.text(), /stopped; nothing was written/)
  assert.deepEqual(readdirSync(desk.home), [])
})

test('without a terminal it takes flags: free calls only unless a ceiling is given, and a second run changes nothing', async () => {
  await using simulator = await startSimulator(canarySimulator)
  using desk = await deskFor(simulator)
  const { openrouter, ollama } = canaries.usual
  writeFileSync(join(desk.home, 'or.txt'), `${openrouter}\n`)
  writeFileSync(join(desk.home, 'ol.txt'), ollama)
  writeFileSync(join(desk.home, 'wrong.txt'), 'sk-or-v1-nobody-0123456789')
  const config = join(desk.home, 'switchyard.yaml')
  const asks = await desk.run(['init'])
  assert.match(asks.err, /init asks questions on a terminal; without one use --yes/)
  const refused = await desk.run(['init', '--yes', '--openrouter-key-file', 'wrong.txt'])
  assert.deepEqual([refused.code, existsSync(config)], [1, false])
  assert.match(
    refused.err,
    /OpenRouter does not accept the key for openrouter-1 \(401\); nothing was written/,
  )

  writeFileSync(config, '# mine\nlog: warn\n')
  const flags = ['init', '--yes', '--openrouter-key-file', 'or.txt', '--ollama-key-file', 'ol.txt']
  const done = await desk.run(flags)
  assert.equal(done.code, 0, done.err)
  assert.match(done.out, /policy: free calls only/)
  assert.match(done.out, /what was in .*switchyard\.yaml stays; a copy is .*switchyard\.yaml\.before-init\n/)
  assert.match(done.out, /OpenRouter: 1 key, 1 account: 50 free requests a day\n/)
  const written = readFileSync(config, 'utf8')
  assert.match(written, /^# mine\nlog: warn\nproviders:\n[^]*freeOnly: true\n$/)
  assert.equal(readFileSync(`${config}.before-init`, 'utf8'), '# mine\nlog: warn\n')
  const again = await desk.run([...flags, '--usd-per-month', '9'])
  assert.match(again.out, /the policy that is in the config file already is kept\n- .* stays as it was/)
  assert.equal(readFileSync(config, 'utf8'), written)
  assert.deepEqual(secretsIn(done.out + done.err + again.out + refused.err, canaryKeys), [])
})

test('with --variables the lines to export name files, and the gateway finds the keys by them', async () => {
  await using simulator = await startSimulator(canarySimulator)
  using desk = await deskFor(simulator)
  writeFileSync(join(desk.home, 'or.txt'), canaries.odd.openrouter)
  const done = await desk.run([
    'init',
    '--yes',
    '--openrouter-key-file',
    'or.txt',
    '--variables',
    '--usd-per-month',
    '3',
  ])
  assert.equal(done.code, 0, done.err)
  const [, name = '', path = ''] = /^export (\w+)='(.*)'$/m.exec(done.out) ?? []
  assert.deepEqual([name, path], ['OPENROUTER_API_KEY_1_FILE', join(desk.home, 'keys/openrouter-1')])
  assert.equal(
    readFileSync(join(desk.home, 'switchyard.yaml'), 'utf8'),
    'policy:\n  ceilings:\n    - usdPerMonth: 3\n',
  )
  using told = new Desk({ ...desk.environment, [name]: path })
  const keys = JSON.parse((await told.run(['keys', '--json'])).out) as { name: string }[]
  assert.equal(keys[0]?.name, 'OPENROUTER_API_KEY_1')
  assert.deepEqual(secretsIn(done.out, canaryKeys), [])
})
