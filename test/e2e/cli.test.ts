import assert from 'node:assert/strict'
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { environmentFor, startSimulator } from '../../src/simulator/index.ts'
import { canaryKeys, canarySimulator, secretsIn } from '../support/canaries.ts'
import { Desk } from '../support/cli.ts'
import { freePort } from '../support/free-port.ts'

const version = (
  JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8')) as { version: string }
).version

test('help, version, and what happens to a mistyped command', async () => {
  using desk = new Desk()
  const [help, shown, typo, sub, nothing, flag] = await Promise.all([
    desk.run(['--help']),
    desk.run(['--version']),
    desk.run(['statsu']),
    desk.run(['keys', 'relase', 'x']),
    desk.run([]),
    desk.run(['chat', '--modle', 'x']),
  ])
  assert.equal(help.code, 0)
  assert.equal(help.out.split('Examples:')[1]?.match(/^ {2}switchyard /gm)?.length, 4)
  assert.deepEqual(shown, { code: 0, out: `${version}\n`, err: '' })
  assert.equal(typo.code, 2)
  assert.match(typo.err, /unknown command 'statsu'[^]*Did you mean status\?/)
  assert.deepEqual([sub.code, /unknown command 'keys relase'/.test(sub.err)], [2, true])
  assert.deepEqual([nothing.code, /Usage: switchyard/.test(nothing.err)], [2, true])
  assert.deepEqual([flag.code, /Did you mean --model\?/.test(flag.err)], [2, true])
  assert.equal(existsSync(join(desk.home, 'ledger.db')), false)
})

test('without keys and without a gateway every command says what to do, in plain words', async () => {
  using desk = new Desk({ SWITCHYARD_PORT: await freePort() })
  const [keys, json, client, release, status, serve, chat, silent] = await Promise.all([
    desk.run(['keys']),
    desk.run(['keys', '--json']),
    desk.run(['keys', 'client']),
    desk.run(['keys', 'release', 'NOBODY']),
    desk.run(['status']),
    desk.run(['serve']),
    desk.run(['chat', 'hello']),
    desk.run(['chat'], '\n'),
  ])
  assert.match(keys.out, /OpenRouter keys: 0\nOllama Cloud keys: 0\nSet OPENROUTER_API_KEY or OLLAMA_API_KEY/)
  assert.deepEqual(json, { code: 0, out: '[]\n', err: '' })
  assert.deepEqual([client.code, client.out], [1, ''])
  assert.match(client.err, /no client key yet; the first "switchyard serve" makes one/)
  assert.match(release.err, /there is no key named "NOBODY"; no keys are configured/)
  assert.deepEqual([status.code, /No gateway answers at .*\n {2}no calls\n/.test(status.out)], [0, true])
  assert.equal(serve.code, 1)
  assert.match(serve.err, /^switchyard: no keys found\. Set OPENROUTER_API_KEY or .*switchyard start\n$/)
  assert.match(chat.err, /^switchyard: no gateway answers.*switchyard start\n$/)
  assert.match(silent.err, /there is no question/)
  for (const { err } of [client, release, serve, chat, silent]) assert.doesNotMatch(err, / {4}at /)
})

test('mistakes in settings are told with their place and without a stack', async () => {
  using desk = new Desk({ OPENROUTER_API_KEY: 'x'.repeat(40) })
  writeFileSync(join(desk.home, 'bad.yaml'), 'server:\n  prot: 1\n')
  const refusals = await Promise.all([
    desk.run(['serve', '--config', 'bad.yaml']),
    desk.run(['serve', '--config', 'missing.yaml']),
    desk.run(['serve', '--host', '0.0.0.0']),
  ])
  const messages = [
    /bad\.yaml:2: unknown setting "server\.prot"; did you mean "port"\?/,
    /there is no config file .*missing\.yaml/,
    /listening on 0\.0\.0\.0 lets other machines in.*SWITCHYARD_API_KEY/,
  ]
  for (const [index, { code, err }] of refusals.entries()) {
    assert.equal(code, 1)
    assert.match(err, messages[index] ?? /$^/)
    assert.doesNotMatch(err, / {4}at /)
  }
})

test('a value that a flag or an argument does not take is wrong usage, also where much else is missing', async () => {
  using desk = new Desk()
  writeFileSync(join(desk.home, 'error.txt'), '{"error":{"message":"x"}}')
  const rows: readonly (readonly [string, RegExp])[] = [
    ['serve --port 99999', /--port must be a number from 0 to 65535; got "99999"/],
    ['start --port x', /--port must be/],
    ['simulate --port x', /--port takes a whole number/],
    ['simulate --port 0 --seed -1', /--seed takes a whole number/],
    ['status --interval soon', /--interval takes seconds/],
    ['usage --json --csv', /cannot be used with/],
    ['plan --input-tokens many', /--input-tokens takes a whole number/],
    ['reconcile --days nonsense', /--days takes a number/],
    ['explain error.txt --status abc', /--status takes an HTTP status/],
    ['explain error.txt --header x', /--header takes "Name: value"/],
    ['explain error.txt -p nobody', /there is no provider "nobody"/],
    ['clients add a/b', /a client's name is made of/],
    ['clients add bot --usd-per-day much', /--usd-per-day takes dollars/],
    ['clients change bot', /nothing to change/],
    ['keys add openrouter --name a/b', /a key's name is made of/],
    ['init', /init asks questions on a terminal/],
    ['init --yes --usd-per-month much', /--usd-per-month takes dollars/],
    ['chat', /there is no question/],
    ['completion powershell', /Allowed choices are bash, zsh, fish/],
  ]
  // Two at a time: each is a process.
  const waiting = [...rows]
  const work = async (): Promise<void> => {
    for (let row = waiting.shift(); row !== undefined; row = waiting.shift()) {
      const [line, message] = row
      const { code, out, err } = await desk.run(line.split(' '))
      assert.deepEqual([code, out], [2, ''], `${line}: ${err}`)
      assert.match(err, message, line)
      assert.doesNotMatch(err, / {4}at /, line)
    }
  }
  await Promise.all([work(), work()])
})

test('start without keys is a sandbox that says so, and chat, status and release work against it', async () => {
  const port = await freePort()
  using desk = new Desk({ SWITCHYARD_PORT: port, SWITCHYARD_LOG: 'warn' })
  await using gateway = desk.start(['start'])
  const banner = await gateway.until(/Try it:\n.*\n/)
  assert.match(banner, new RegExp(`^Switchyard listens on http://127\\.0\\.0\\.1:${port}\n`))
  assert.match(banner, /\*\*\* SANDBOX: .*Nothing here is real and nothing costs money/)
  assert.match(banner, /OpenRouter keys: 3\nOllama Cloud keys: 2\n/)
  const shownKey = /Client key \(shown this once, kept in (.*)\): (sy-\S+)/.exec(banner)
  const clientKey = readFileSync(join(desk.home, 'client-key'), 'utf8').trim()
  assert.deepEqual(shownKey?.slice(1), [join(desk.home, 'client-key'), clientKey])
  for (const [file, mode] of [
    ['client-key', 0o600],
    ['admin-key', 0o600],
    ['sandbox/ledger.db', 0o600],
    ['sandbox', 0o700],
  ] as const)
    assert.equal(statSync(join(desk.home, file)).mode & 0o777, mode, file)

  const reply = await fetch(`http://127.0.0.1:${port}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${clientKey}`, 'content-type': 'application/json' },
    body: '{"messages":[{"role":"user","content":"hi"}]}',
  })
  assert.deepEqual([reply.status, reply.headers.get('x-switchyard-sandbox')], [200, '1'])

  const [asked, piped, named, unknown, path, key, status, json, released, wrong, doctor] = await Promise.all([
    desk.run(['chat', 'What', 'is', 'this?']),
    desk.run(['chat'], 'What is this?\n'),
    desk.run(['chat', '-m', 'gpt-oss:120b', 'hello']),
    desk.run(['chat', '-m', 'gpt-oss:12b', 'hello']),
    desk.run(['keys', 'client']),
    desk.run(['keys', 'client', '--show']),
    desk.run(['status']),
    desk.run(['status', '--json']),
    desk.run(['keys', 'release', 'OPENROUTER_API_KEY_1']),
    desk.run(['keys', 'release', 'OPENROUTER_API_KEY_9']),
    desk.run(['doctor']),
  ])
  for (const { code, out, err } of [asked, piped]) {
    assert.equal(code, 0, err)
    assert.ok(out.length > 10)
    assert.match(err, /^\[openrouter · .* · OPENROUTER_API_KEY_1 · \$0\.00, \d+ tokens\]\n$/)
  }
  assert.match(named.err, /\[ollama · gpt-oss:120b · /)
  assert.equal(unknown.code, 1)
  assert.match(unknown.err, /^switchyard: .*did you mean .*"gpt-oss:120b"/)
  assert.equal(path.out, `${join(desk.home, 'client-key')}\n`)
  assert.equal(key.out, `${clientKey}\n`)
  assert.match(
    status.out,
    /^Switchyard http.*\n\nOpenRouter · free · ok · \d+ models · http.*\n {2}free .*\n[^]*OPENROUTER_API_KEY_1 {2}sk-or-v1… {2}ready {2}\d+ today, /,
  )
  assert.equal((JSON.parse(json.out) as { providers: unknown[] }).providers.length, 2)
  assert.deepEqual(released, { code: 0, out: 'OPENROUTER_API_KEY_1 is released\n', err: '' })
  assert.match(wrong.err, /there is no key named "OPENROUTER_API_KEY_9"/)
  assert.match(doctor.out, /^warning {2}gateway: a sandbox answers at /m)
  assert.ok(doctor.out.includes(`ledger: ${join(desk.home, 'sandbox', 'ledger.db')}, `), doctor.out)

  using other = new Desk({ SWITCHYARD_PORT: port })
  const second = await other.run(['start'])
  assert.equal(second.code, 1)
  assert.match(second.err, new RegExp(`switchyard: port ${port} is in use; set SWITCHYARD_PORT`))

  const ended = await gateway.stop()
  assert.equal(ended.code, 0)
  assert.match(ended.out, /SIGTERM: finishing running requests/)
  assert.equal(ended.err, '')
})

test('the exports of simulate make serve work; afterwards status tells from the ledger, and release works without a gateway', async () => {
  using plain = new Desk()
  await using simulator = plain.start(['simulate', '--port', '0', '--seed', '7'])
  const printed = await simulator.until(/export OLLAMA_API_KEY_2=.*\n/)
  const exported = [...printed.matchAll(/^export (\w+)=(.*)$/gm)].map((match) => [match[1], match[2]])
  using desk = new Desk({ ...Object.fromEntries(exported), SWITCHYARD_PORT: await freePort() })

  await using gateway = desk.start(['serve'])
  const banner = await gateway.until(/Try it:\n.*\n/)
  assert.match(banner, /OpenRouter keys: 3\nOllama Cloud keys: 2\n/)
  assert.doesNotMatch(banner, /SANDBOX/)
  const chat = await desk.run(['chat', 'hello'])
  assert.equal(chat.code, 0, chat.err)
  assert.equal((await gateway.stop()).code, 0)

  const status = await desk.run(['status'])
  assert.match(
    status.out,
    /No gateway answers.*\n {2}OPENROUTER_API_KEY_1 {2}1 call {2}0 failed {2}\$0\.00\n/,
  )
  const stored = JSON.parse((await desk.run(['status', '--json'])).out) as {
    running: boolean
    today: unknown[]
  }
  assert.deepEqual([stored.running, stored.today.length], [false, 1])
  const released = await desk.run(['keys', 'release', 'OPENROUTER_API_KEY_1'])
  assert.deepEqual([released.code, released.out], [0, 'OPENROUTER_API_KEY_1 is released\n'])
  const alone = await desk.run(['chat', 'by', 'itself'])
  assert.match(alone.err, /\[openrouter · .* · OPENROUTER_API_KEY_1 · \$0\.00, \d+ tokens\]/)
  const port = /http:\/\/127\.0\.0\.1:(\d+)/.exec(printed)?.[1] ?? ''
  assert.match((await plain.run(['simulate', '--port', port])).err, /the simulator cannot listen on port/)
})

test('simulate ends in order when it is stopped while it still says where it is', async () => {
  // Stops itself in the middle of its first line, earlier than any signal from outside could come.
  const atFirstOutput = `
    const write = process.stdout.write.bind(process.stdout)
    process.stdout.write = (...all) => {
      process.stdout.write = write
      process.kill(process.pid, 'SIGTERM')
      return write(...all)
    }`
  using desk = new Desk({
    NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(atFirstOutput)}`,
  })
  const { code, out } = await desk.run(['simulate', '--port', '0'])
  assert.equal(code, 0)
  assert.match(out, /export OLLAMA_API_KEY_2=/)
})

test('no command and no log line shows a key', async () => {
  await using simulator = await startSimulator(canarySimulator)
  for (const provider of ['openrouter', 'ollama'] as const)
    for (const key of canaryKeys)
      simulator.addFault({
        provider,
        key,
        kind: 'custom',
        status: 401,
        body: `{"error":{"message":"bad ${key}","code":401}}`,
        times: 'always',
      })
  const clientKey = 'client-canary-0123456789-abcdef'
  using desk = new Desk({
    ...environmentFor(simulator),
    SWITCHYARD_API_KEY: clientKey,
    SWITCHYARD_LOG: 'info',
    SWITCHYARD_PORT: await freePort(),
  })
  await using gateway = desk.start(['serve'])
  await gateway.until(/Try it:\n.*\n/)
  const commands = [
    ['chat', 'hi'],
    ['status'],
    ['status', '--json'],
    ['keys'],
    ['keys', '--json'],
    ['keys', 'client'],
    ['keys', 'test', '--json'],
    ['doctor'],
    ['logs', '--json'],
    ['usage', '--by', 'key', '--json'],
    ['clients', '--json'],
  ]
  const chat = await desk.run(['chat', 'hi'])
  const live = await Promise.all(commands.map((args) => desk.run(args)))
  await gateway.stop()
  const alone = await desk.run(['chat', 'hi'])
  const later = await Promise.all([
    desk.run(['status']),
    desk.run(['logs', '--json']),
    desk.run(['keys', 'test']),
  ])
  const outputs = [chat, ...live, alone, ...later]
  const adminKey = readFileSync(join(desk.home, 'admin-key'), 'utf8').trim()
  const text = outputs.map(({ out, err }) => out + err).join('\n') + gateway.text()
  assert.match(text, /bad \[key\]/)
  assert.deepEqual(secretsIn(text, [...canaryKeys, clientKey, adminKey]), [])
})
