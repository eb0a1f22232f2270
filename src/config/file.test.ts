import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ConfigError } from '../errors.ts'
import { parseConfig, readConfigFile } from './file.ts'

const full = `server:
  host: 127.0.0.1
  port: 4200
  apiKeyFile: client-key
  allowedHosts: [box.lan]
  allowedOrigins: [https://mine.example]
  maxBodyMiB: 8
providers:
  openrouter:
    baseUrl: https://proxy.example/api/v1
    autoModel: openrouter/free
    keys:
      - key: sk-or-v1-0123456789
      - { name: work, keyEnv: WORK_KEY, account: work }
      - { keyFile: keys/third }
    limits: { minute: 10, day: 1000 }
  ollama:
    keys: []
routing:
  attempts: 3
  deadlineSeconds: 60
  connectSeconds: 2
  firstContentSeconds: 20
  idleSeconds: 15
  totalSeconds: 300
log: warn
`

// Each row: a file, and what its author reads.
const refused: readonly (readonly [string, string])[] = [
  ['server:\n  prot: 4200\n', 'f:2: unknown setting "server.prot"; did you mean "port"?'],
  ['sever:\n  port: 4200\n', 'f:1: unknown setting "sever"; did you mean "server"?'],
  [
    'routing:\n  attempts: 2\n  somethingElse: 1\n',
    'f:3: unknown setting "routing.somethingElse"; known: attempts, deadlineSeconds, connectSeconds, firstContentSeconds, wholeSeconds, idleSeconds, totalSeconds, slotWaitSeconds, maxWaitSeconds',
  ],
  [
    'providers:\n  opnrouter: {}\n',
    'f:2: "opnrouter" is not built in; did you mean "openrouter"? A service of your own needs "compatible: <its address>"',
  ],
  [
    'providers:\n  openrouter:\n    keys:\n      - key: a\n        acount: x\n',
    'f:5: unknown setting "providers.openrouter.keys.0.acount"; did you mean "account"?',
  ],
  [
    'providers:\n  mine-own-service: {}\n',
    'f:2: "mine-own-service" is not built in; a service of your own needs "compatible: <its address>"',
  ],
  ['log: debug\n', 'f:1: "log": Invalid option'],
  ['server:\n  port: "4200"\n', 'f:2: "server.port": Invalid input: expected number, received string'],
  ['server:\n  port: 70000\n', 'f:2: "server.port": Too big: expected number to be <=65535'],
  ['server: 4200\n', 'f:1: "server": Invalid input: expected object, received number'],
  ['- server\n', 'f:1: the file: Invalid input: expected object, received array'],
  ['log: loud\n', 'f:1: "log": Invalid option: expected one of "silent"|"warn"|"info"'],
  [
    'routing:\n  attempts: 0\n\n  idleSeconds: 0\n',
    'f:2: "routing.attempts": Too small: expected number to be >=1\nf:4: "routing.idleSeconds": Too small: expected number to be >=1',
  ],
  [
    'providers:\n  ollama:\n    keys:\n      - name: a\n      - { key: x, keyEnv: Y }\n',
    'f:4: "providers.ollama.keys.0": give exactly one of "key", "keyFile" or "keyEnv"\nf:5: "providers.ollama.keys.1": give exactly one of "key", "keyFile" or "keyEnv"',
  ],
  [
    'providers:\n  ollama:\n    baseUrl: ollama.com\n',
    'f:3: "providers.ollama.baseUrl": an http or https address, without user, password, query or fragment',
  ],
  ['server:\n  apiKey: a\n  apiKeyFile: b\n', 'f:1: "server": give either "apiKey" or "apiKeyFile"'],
  ['server:\n  port: 1\n  port: 2\n', 'f:3: Map keys must be unique'],
  ['server:\n  port: [1\nlog: info\n', 'f:3: '],
  ['server:\n\tport: 1\n', 'f:2: '],
  ['__proto__:\n  polluted: 1\n', 'f:1: unknown setting "__proto__"'],
]

test('a file with every setting is taken as it is', () => {
  const config = parseConfig(full, 'f')
  assert.equal(config.server?.port, 4200)
  assert.equal(config.providers?.['openrouter']?.keys?.length, 3)
  assert.equal(config.log, 'warn')
  assert.deepEqual(parseConfig('', 'f'), {})
  assert.deepEqual(parseConfig('# only a comment\n', 'f'), {})
})

for (const [text, message] of refused) {
  test(`refused with its line: ${JSON.stringify(text)}`, () => {
    assert.throws(
      () => parseConfig(text, 'f'),
      (error: Error) => {
        assert.ok(error instanceof ConfigError)
        assert.ok(error.message.startsWith(message), error.message)
        return true
      },
    )
  })
}

test('no mistake makes an error quote a key', () => {
  const texts = [
    'providers: { openrouter: { keys: [ { key: canary-0123456789, name: 7 } ] } }',
    'providers: { openrouter: { keys: [ canary-0123456789 ] } }',
    'providers: { openrouter: { keys: canary-0123456789 } }',
    'providers: { openrouter: { keys: [ { key: *canary-0123456789 } ] } }',
    'providers: { openrouter: { keys: [ { key: "canary-0123456789 } ] } }',
    'providers: { openrouter: { keys: [ { key: @canary-0123456789 } ] } }',
    'providers: { openrouter: { keys: [ { key: !canary-0123456789 x } ] } }',
    'providers: { openrouter: { keys: [ { key: [canary-0123456789] } ] } }',
    'providers: { openrouter: { baseUrl: "https://user:canary-0123456789@example.com" } }',
    'server: { apiKey: 7, apiKeyFile: canary-0123456789 }',
  ]
  for (const text of texts) {
    try {
      parseConfig(text, 'f')
    } catch (error) {
      assert.ok(error instanceof ConfigError, String(error))
      assert.doesNotMatch(error.message, /canary/, text)
    }
  }
})

test('a file that is not there is no error; one that cannot be read is', () => {
  assert.equal(readConfigFile('/nowhere/switchyard.yaml'), undefined)
  assert.throws(() => readConfigFile('/'), /the config file \/ cannot be read/)
})
