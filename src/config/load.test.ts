import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { LimitCounter } from '../limits/counter.ts'
import { hasKeys, keyReport, load, type Loaded } from './load.ts'

const folder = mkdtempSync(join(tmpdir(), 'switchyard-load-'))
after(() => rmSync(folder, { recursive: true }))
let homes = 0

/** Config as it would be read with these variables and this file. */
function loaded(environment: Record<string, string>, file?: string): Loaded {
  const home = join(folder, String(homes++))
  const configFile = `${home}.yaml`
  if (file === undefined) return load({ environment, home })
  writeFileSync(configFile, file)
  return load({ environment, home, configFile })
}

const facts = ({ providers }: Loaded): unknown =>
  providers.map(({ provider, baseUrl, keys }) => [
    provider.name,
    baseUrl,
    keys.map(({ name, secret }) => `${name}=${secret?.reveal() ?? ''}`),
  ])

test('without anything there are the two services at home and no key', () => {
  const nothing = loaded({})
  assert.deepEqual(facts(nothing), [
    ['openrouter', 'https://openrouter.ai/api/v1', []],
    ['ollama', 'https://ollama.com', []],
  ])
  assert.equal(hasKeys(nothing.providers), false)
  assert.deepEqual(keyReport(nothing.providers), ['OpenRouter keys: 0', 'Ollama Cloud keys: 0'])
})

test('the file can say what the environment can', () => {
  const environment = {
    OPENROUTER_API_KEY_1: 'key-one',
    OPENROUTER_BASE_URL: 'https://proxy.example/v1',
    OLLAMA_API_KEY: 'key-two',
  }
  const file = `
providers:
  openrouter: { baseUrl: https://proxy.example/v1, keys: [{ name: OPENROUTER_API_KEY_1, key: key-one }] }
  ollama: { keys: [{ name: OLLAMA_API_KEY, key: key-two }] }
`
  assert.deepEqual(facts(loaded({}, file)), facts(loaded(environment)))
})

test('the environment goes before the file; keys of both are used', () => {
  const file = `
providers:
  openrouter: { baseUrl: https://file.example, keys: [{ key: from-file }, { key: from-environment }] }
`
  const both = loaded(
    { OPENROUTER_BASE_URL: 'https://environment.example', OPENROUTER_API_KEY_1: 'from-environment' },
    file,
  )
  assert.deepEqual(facts(both), [
    [
      'openrouter',
      'https://environment.example',
      ['OPENROUTER_API_KEY_1=from-environment', 'openrouter-1=from-file'],
    ],
    ['ollama', 'https://ollama.com', []],
  ])
  assert.deepEqual(both.notes, ['openrouter-2 holds the same key as OPENROUTER_API_KEY_1 and is left out'])
  assert.deepEqual(keyReport(both.providers), ['OpenRouter keys: 2', 'Ollama Cloud keys: 0'])
})

test('what the file says of a key of the environment is said of that key, at its place and without a note', () => {
  const environment = { OLLAMA_API_KEY_1: 'one', OLLAMA_API_KEY_2: 'two', OLLAMA_API_KEY_3: 'three' }
  const file = `
providers:
  ollama:
    keys:
      - { keyEnv: OLLAMA_API_KEY_1, name: first, account: shared }
      - { keyEnv: OLLAMA_API_KEY_2, account: shared }
      - { key: three, account: other }
`
  const { providers, notes } = loaded(environment, file)
  assert.deepEqual(
    providers[1]?.keys.map(({ name, account }) => [name, account]),
    [
      ['first', 'shared'],
      ['OLLAMA_API_KEY_2', 'shared'],
      ['OLLAMA_API_KEY_3', 'other'],
    ],
  )
  assert.deepEqual(notes, [])
  const twice = loaded(
    environment,
    'providers: { ollama: { keys: [{ key: x, name: a }, { key: x, name: a }] } }',
  )
  assert.deepEqual(twice.notes, ['a is given twice; the first one counts'])
})

test('a ceiling of the file holds against what the service tells; a lower one of the service counts', () => {
  const { providers } = loaded(
    {},
    `
providers:
  openrouter: { limits: { day: 10 } }
  ollama: { limits: { inFlight: 1 } }
`,
  )
  const heard = (index: number, name: string, max: number): number | undefined => {
    const limit = providers[index]?.limits?.find((each) => each.name === name)
    assert.ok(limit)
    const counter = new LimitCounter(limit)
    counter.hear({ max }, 0)
    return counter.max
  }
  assert.deepEqual([heard(0, 'day', 50), heard(0, 'day', 5), heard(1, 'in-flight', 3)], [10, 5, 1])
  // One that nobody configured follows the service.
  assert.equal(heard(0, 'minute', 99), 99)
})

test('mistakes in an entry or in the policy are told with file and line', () => {
  const rows: readonly (readonly [string, RegExp])[] = [
    [
      'log: warn\nproviders:\n  groq:\n    compatible: nonsense\n    lane: free\n',
      /\.yaml:3: the address of groq/,
    ],
    [
      'log: warn\nproviders:\n  groq:\n    compatible: https://x.example\n',
      /\.yaml:3: providers\.groq\.lane/,
    ],
    [
      'log: warn\npolicy: { reserve: { share: 0.1, clients: [vip] } }\n',
      /\.yaml:2: the policy names a client "vip"/,
    ],
  ]
  for (const [file, message] of rows) assert.throws(() => loaded({}, file), message)
})

test('keys of the file come from files beside it and from variables it names', () => {
  writeFileSync(join(folder, 'third'), 'from-key-file\n')
  const file = `
providers:
  openrouter: { keys: [{ keyFile: third }, { keyEnv: WORK_KEY, account: work }] }
server: { apiKeyFile: third }
`
  const config = loaded({ WORK_KEY: 'from-variable' }, file)
  const [openrouter] = config.providers
  assert.deepEqual(
    openrouter?.keys.map(({ name, account }) => [name, account]),
    [
      ['openrouter-1', undefined],
      ['WORK_KEY', 'work'],
    ],
  )
  assert.equal(config.file.server?.apiKeyFile, join(folder, 'third'))
  assert.throws(() => loaded({}, file), /WORK_KEY, which is not set/)
})

test('a local Ollama needs no key, only its address', () => {
  const local = loaded({ OLLAMA_BASE_URL: 'http://127.0.0.1:11434' })
  assert.deepEqual(facts(local), [
    ['openrouter', 'https://openrouter.ai/api/v1', []],
    ['ollama', 'http://127.0.0.1:11434', ['ollama-local=']],
  ])
  assert.equal(hasKeys(local.providers), true)
  assert.deepEqual(local.notes, [])
  const own = loaded({ OLLAMA_BASE_URL: 'https://ollama.com' })
  assert.equal(hasKeys(own.providers), false)
})

test('only a server of one’s own goes without a key; the service itself, however it is written, never does', () => {
  const at = (address: string) => loaded({ OLLAMA_BASE_URL: address })
  for (const near of [
    'http://localhost:11434',
    'http://0.0.0.0:11434',
    'http://box.lan:11434',
    'http://ollama:11434',
    'http://192.168.1.20:11434',
    'http://100.101.102.103:11434',
    'http://[fd12::1]:11434',
    'http://nas.local/ollama',
  ])
    assert.equal(hasKeys(at(near).providers), true, near)
  for (const service of [
    'https://ollama.com/',
    'http://ollama.com',
    'https://www.ollama.com/api',
    'https://OLLAMA.com:443',
  ]) {
    assert.equal(hasKeys(at(service).providers), false, service)
    assert.deepEqual(at(service).notes, [], service)
  }
  for (const far of ['https://ollama.example.com', 'http://8.8.8.8:11434', 'http://172.32.0.1:11434']) {
    const { providers, notes } = at(far)
    assert.equal(hasKeys(providers), false, far)
    assert.match(notes.join(), /no key for https?:.*: only a server on this machine or in a private network/)
  }
})

test('two different keys of one name are refused', () => {
  const file = 'providers: { openrouter: { keys: [{ name: a, key: one }, { name: a, key: two }] } }'
  assert.throws(() => loaded({}, file), /two keys of OpenRouter are named "a"; give each its own name/)
})

test('an address that is none is refused by the name of its variable, unquoted', () => {
  for (const address of [
    'openrouter.ai',
    'ftp://openrouter.ai',
    'https://me:canary@openrouter.ai',
    'https://x/?key=canary',
    'not an address',
  ]) {
    assert.throws(
      () => loaded({ OPENROUTER_BASE_URL: address }),
      (error: Error) => {
        assert.match(
          error.message,
          /^OPENROUTER_BASE_URL must be an address like https:\/\/openrouter\.ai\/api\/v1/,
        )
        assert.doesNotMatch(error.message, /canary/)
        return true
      },
    )
  }
  assert.equal(loaded({ OPENROUTER_BASE_URL: '  ' }).providers[0]?.baseUrl, 'https://openrouter.ai/api/v1')
})

test('keys that would travel unencrypted are pointed out', () => {
  const open = loaded({ OLLAMA_BASE_URL: 'http://box.lan:11434', OLLAMA_API_KEY: 'x' })
  assert.deepEqual(open.notes, [
    'the keys of Ollama Cloud travel unencrypted to http://box.lan:11434; use https',
  ])
  for (const safe of ['http://localhost:1', 'http://127.0.0.1:1', 'http://[::1]:1', 'https://box.lan'])
    assert.deepEqual(loaded({ OLLAMA_BASE_URL: safe, OLLAMA_API_KEY: 'x' }).notes, [])
})

test('routing and limits of the file reach the router, in its own units', () => {
  const { routing, providers } = loaded(
    {},
    'routing: { attempts: 2, idleSeconds: 1.5 }\nproviders: { openrouter: { limits: { day: 1000 } } }',
  )
  assert.deepEqual([routing.attempts, routing.idleMs, routing.totalMs], [2, 1500, 600_000])
  assert.deepEqual(
    providers[0]?.limits?.map(({ name, max, lane }) => [name, max, lane]),
    [
      ['minute', 20, 'free'],
      ['day', 1000, 'free'],
    ],
  )
})

test('a config file that was asked for must exist, and TLS checks cannot be switched off', () => {
  assert.throws(
    () => load({ environment: {}, home: folder, configFile: '/nowhere/x.yaml' }),
    /there is no config file \/nowhere\/x\.yaml/,
  )
  assert.throws(() => loaded({ NODE_TLS_REJECT_UNAUTHORIZED: '0' }), /NODE_TLS_REJECT_UNAUTHORIZED/)
})

test('how long the ledger keeps what: days, or for ever; sums at least as long as their attempts', () => {
  const day = 86_400_000
  const keepOf = (text: string): unknown => {
    const { attemptsMs, hoursMs, daysMs, comparisonsMs } = loaded({}, text).keep
    return [attemptsMs, hoursMs, daysMs, comparisonsMs].map((ms) => ms / day)
  }
  assert.deepEqual(keepOf('log: info'), [90, 400, Infinity, 400])
  assert.deepEqual(keepOf('ledger: { keepDays: { attempts: 7, days: 800 } }'), [7, 400, 800, 400])
  assert.deepEqual(keepOf('ledger: { keepDays: { attempts: 1000, days: 30 } }'), [1000, 1000, 1000, 400])
  assert.deepEqual(keepOf('ledger: { keepDays: { attempts: forever } }'), [Infinity, Infinity, Infinity, 400])
  // A ceiling of a month is counted from them.
  assert.deepEqual(keepOf('ledger: { keepDays: { attempts: 1, hours: 1, days: 1 } }'), [1, 1, 31, 400])
  for (const wrong of ['0', '-1', '1.5', 'never'])
    assert.throws(() => keepOf(`ledger: { keepDays: { attempts: ${wrong} } }`), {
      code: 'config',
      message: /a whole number of days from 1 to 36500, or "forever"/,
    })
})
