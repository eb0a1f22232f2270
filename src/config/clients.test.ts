import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { ConfigError } from '../errors.ts'
import { load } from './load.ts'

const folder = mkdtempSync(join(tmpdir(), 'switchyard-clients-'))
after(() => rmSync(folder, { recursive: true }))

const canary = 'canary-key-0123456789'
const other = 'canary-other-0123456789'

function names(file: string, environment: Record<string, string> = {}, home: string = folder): string[] {
  const configFile = join(folder, 'switchyard.yaml')
  writeFileSync(configFile, file)
  return load({ environment, home, configFile }).clients.map(({ name }) => name)
}

test('clients with names and keys of their own are taken', () => {
  const file = `
server: { apiKey: the-gateways-own-key-0123456789 }
clients: [{ name: bot, key: ${canary} }, { name: desk, keyEnv: DESK }]`
  assert.deepEqual(names(file, { DESK: other }), ['bot', 'desk'])
  assert.deepEqual(names('', { SWITCHYARD_API_KEY: 'short' }), [])
})

test('what would mix clients up is refused by name, and no key is quoted', () => {
  const bot = `{ name: bot, key: ${canary} }`
  const rows: readonly (readonly [string, Record<string, string>, RegExp])[] = [
    [
      'clients: [{ name: bot, key: canary }]',
      {},
      /:1: the key in the config file \(client "bot"\) is too short/,
    ],
    [`clients: [{ name: bot, key: ${canary} x }]`, {}, /\(client "bot"\) holds spaces/],
    [
      `clients: [${bot}, { name: bot, key: ${other} }]`,
      {},
      /clients\[0\] and clients\[1\] are both named "bot"/,
    ],
    [`clients: [{ name: default, key: ${canary} }]`, {}, /clients\[0\] is named "default"/],
    [`clients: [{ name: library, key: ${canary} }]`, {}, /clients\[0\] is named "library"/],
    [
      `clients: [${bot}, { name: desk, keyEnv: DESK }]`,
      { DESK: canary },
      /client "desk" has the same key as client "bot"/,
    ],
    [
      `clients: [${bot}]`,
      { SWITCHYARD_API_KEY: canary },
      /client "bot" has the same key as the gateway's own/,
    ],
    [
      `server: { apiKey: ${canary} }\nclients: [${bot}]`,
      {},
      /client "bot" has the same key as the gateway's own/,
    ],
  ]
  for (const [file, environment, message] of rows) {
    assert.throws(
      () => names(file, environment),
      (error: Error) => {
        assert.ok(error instanceof ConfigError)
        assert.match(error.message, message)
        assert.doesNotMatch(error.message, /canary/)
        return true
      },
    )
  }
})

test('the key that an earlier start made counts as the gateway’s own', () => {
  const home = join(folder, 'home')
  mkdirSync(home)
  writeFileSync(join(home, 'client-key'), `${canary}\n`)
  const file = `clients: [{ name: bot, key: ${canary} }]`
  assert.throws(() => names(file, {}, home), /"bot" has the same key as the gateway's own/)
  assert.deepEqual(names(file, { SWITCHYARD_API_KEY: other }, home), ['bot'])
})
