import assert from 'node:assert/strict'
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { secretsIn } from '../support/canaries.ts'
import { Desk } from '../support/cli.ts'
import { freePort } from '../support/free-port.ts'

const configOf = (desk: Desk): string => readFileSync(join(desk.home, 'switchyard.yaml'), 'utf8')
const keyIn = (text: string): string => /^sy-\S+$/m.exec(text)?.[0] ?? ''

async function done(desk: Desk, ...args: string[]): Promise<string> {
  const { code, out, err } = await desk.run(['clients', ...args])
  assert.equal(code, 0, err)
  return out
}

async function statusOf(desk: Desk, key: string, body?: Record<string, unknown>): Promise<number> {
  const url = `http://127.0.0.1:${desk.environment['SWITCHYARD_PORT']}/v1/`
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
  const reply =
    body === undefined
      ? await fetch(`${url}models`, { headers })
      : await fetch(`${url}chat/completions`, { method: 'POST', headers, body: JSON.stringify(body) })
  await reply.text()
  return reply.status
}

const paid = { model: 'gemma4:31b', max_tokens: 10, messages: [{ role: 'user', content: 'hello' }] }

test('without a gateway the commands work on the files, with the same words and shapes', async () => {
  using desk = new Desk({ SWITCHYARD_PORT: await freePort() })
  const added = await done(desk, 'add', 'bot', '--free-only', '--usd-per-day', '1.5', '--show')
  const file = join(desk.home, 'clients/bot')
  assert.deepEqual([readFileSync(file, 'utf8'), statSync(file).mode & 0o777], [`${keyIn(added)}\n`, 0o600])
  assert.match(added, /No gateway that uses this file was found running; the next start takes it\.\n$/)
  assert.equal(
    configOf(desk),
    'clients:\n  - name: bot\n    keyFile: clients/bot\n    freeOnly: true\n    usdPerDay: 1.5\n',
  )
  const unknown = { requestsToday: null, spentTodayUsd: null, spentMonthUsd: null }
  const open = { builtIn: true, freeOnly: false, usdPerDay: null, usdPerMonth: null, ...unknown }
  assert.deepEqual(JSON.parse(await done(desk, '--json')), [
    { name: 'default', ...open, keyFrom: 'client-key' },
    { name: 'library', ...open, keyFrom: null },
    { name: 'dashboard', ...open, keyFrom: null },
    {
      name: 'bot',
      builtIn: false,
      freeOnly: true,
      usdPerDay: 1.5,
      usdPerMonth: null,
      keyFrom: 'clients/bot',
      ...unknown,
    },
  ])
  const changed = await done(desk, 'change', 'bot', '--no-free-only', '--usd-per-day', 'none', '--json')
  assert.deepEqual(JSON.parse(changed), {
    name: 'bot',
    builtIn: false,
    freeOnly: false,
    usdPerDay: null,
    usdPerMonth: null,
    keyFrom: 'clients/bot',
    inForce: false,
  })
  assert.equal(configOf(desk), 'clients:\n  - name: bot\n    keyFile: clients/bot\n')
  assert.match(await done(desk, 'revoke', 'bot'), /its key file is removed\n$/)
  assert.deepEqual([existsSync(file), configOf(desk)], [false, ''])
  const refused = await Promise.all(
    [
      ['add', 'default'],
      ['add', 'x', '--usd-per-day', 'much'],
      ['change', 'nobody', '--free-only'],
      ['change', 'bot'],
      ['revoke', 'bot'],
    ].map((args) => desk.run(['clients', ...args])),
  )
  assert.deepEqual(
    refused.map(({ code }) => code),
    [1, 2, 1, 2, 1],
  )
  assert.match(
    refused.map(({ err }) => err).join(''),
    /"default".*\n.*--usd-per-day takes dollars, or "none"; got "much".*\n.*no client "nobody".*\n.*nothing to change.*\n.*no client "bot"/,
  )
  assert.doesNotMatch(await done(desk, 'add', 'quiet'), /sy-/)
})

test('a running gateway is told: a client is added, given another budget and revoked without a restart', async () => {
  using desk = new Desk({ SWITCHYARD_PORT: await freePort() })
  writeFileSync(join(desk.home, 'switchyard.yaml'), '# mine\nlog: info # all of it\n')
  let key = ''
  let heard = ''
  {
    await using gateway = desk.start(['start'])
    await gateway.until(/Try it:\n.*\n/)
    const added = await done(desk, 'add', 'desk', '--usd-per-day', '0', '--show')
    key = keyIn(added)
    assert.match(added, /The running gateway takes its key from now on\.\n$/)
    assert.deepEqual([await statusOf(desk, key), await statusOf(desk, key, paid)], [200, 402])
    assert.equal(
      await done(desk, 'change', 'desk', '--usd-per-day', '2'),
      'desk: calls that cost something too, $2.00 a day at most, no ceiling a month\nIn force in the running gateway from the next request on.\n',
    )
    assert.equal(await statusOf(desk, key, paid), 200)
    const list = await done(desk)
    assert.match(
      list,
      /^CLIENT +FREE ONLY +A DAY +A MONTH +REQUESTS TODAY +SPENT TODAY +THIS MONTH +KEY FROM$/m,
    )
    assert.match(list, /^desk +no +\$2\.00 +1 +\$0\.0000\d+ +\$0\.0000\d+ +clients\/desk$/m)
    const row = (JSON.parse(await done(desk, '--json')) as Record<string, unknown>[]).at(-1)
    assert.deepEqual([row?.['name'], row?.['usdPerDay'], row?.['spentTodayUsd'] === 0], ['desk', 2, false])
    const gone = await done(desk, 'add', 'gone', '--show')
    assert.equal(await statusOf(desk, keyIn(gone)), 200)
    assert.match(
      await done(desk, 'revoke', 'gone'),
      /its key file is removed\nThe running gateway refuses its key from now on\.\n$/,
    )
    assert.equal(await statusOf(desk, keyIn(gone)), 401)
    assert.equal((await desk.run(['clients', 'revoke', 'gone'])).code, 1)
    const status = (await desk.run(['status', '--json'])).out
    heard = [list, status, gateway.text()].join('\n')
  }
  assert.deepEqual(secretsIn(heard, [key]), [])
  assert.equal(
    configOf(desk),
    '# mine\nlog: info # all of it\nclients:\n  - name: desk\n    keyFile: clients/desk\n    usdPerDay: 2\n',
  )
  await using gateway = desk.start(['start'])
  await gateway.until(/Try it:\n.*\n/)
  assert.equal(await statusOf(desk, key, paid), 200)
})

test('clients that are added at the same moment are all kept, with and without a gateway', async () => {
  using desk = new Desk({ SWITCHYARD_PORT: await freePort() })
  const addTwo = (...names: string[]): Promise<string[]> =>
    Promise.all(names.map((name) => done(desk, 'add', name)))
  await addTwo('one', 'two', 'three')
  await using gateway = desk.start(['start'])
  await gateway.until(/Try it:\n.*\n/)
  await addTwo('four', 'five', 'six')
  const names = (JSON.parse(await done(desk, '--json')) as { name: string }[]).map(({ name }) => name)
  assert.deepEqual(names.toSorted(), [
    'dashboard',
    'default',
    'five',
    'four',
    'library',
    'one',
    'six',
    'three',
    'two',
  ])
  assert.equal(configOf(desk).match(/ - name: /g)?.length, 6)
})

test('a gateway of another home, or of another config file, is not asked to keep the book', async () => {
  const port = await freePort()
  using desk = new Desk({ SWITCHYARD_PORT: port })
  await using gateway = desk.start(['start'])
  await gateway.until(/Try it:\n.*\n/)
  using other = new Desk({ SWITCHYARD_PORT: port })
  assert.match(
    await done(other, 'add', 'bot'),
    /No gateway that uses this file was found running; the next start takes it\.\n$/,
  )
  writeFileSync(join(desk.home, 'other.yaml'), '')
  const elsewhere = await done(desk, 'add', 'bot', '--config', 'other.yaml', '--json')
  assert.deepEqual(JSON.parse(elsewhere), {
    name: 'bot',
    configFile: join(desk.home, 'other.yaml'),
    keyFile: join(desk.home, 'clients/bot'),
    inForce: false,
  })
  assert.equal(existsSync(join(desk.home, 'switchyard.yaml')), false)
})
