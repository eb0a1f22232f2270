import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { homeOf } from '../config/home.ts'
import type { FileConfig } from '../config/schema.ts'
import { logLevel } from './log.ts'
import { localGateway, serverSettings } from './settings.ts'

const folder = mkdtempSync(join(tmpdir(), 'switchyard-settings-'))
after(() => rmSync(folder, { recursive: true }))
const key = 'a-key-of-my-own-0123456789'

test('flags go before the environment, which goes before the file', () => {
  const file: FileConfig = { server: { host: 'localhost', port: 1, apiKey: `${key}-file` } }
  assert.deepEqual(serverSettings({}, {}), { host: '127.0.0.1', port: 4141, clientKey: undefined })
  assert.deepEqual(serverSettings({}, file), { host: 'localhost', port: 1, clientKey: `${key}-file` })
  const environment = { SWITCHYARD_HOST: '::1', SWITCHYARD_PORT: '2', SWITCHYARD_API_KEY: key }
  assert.deepEqual(serverSettings(environment, file), { host: '::1', port: 2, clientKey: key })
  const flags = { host: '127.0.0.1', port: '3' }
  assert.deepEqual(serverSettings(environment, file, flags), { host: '127.0.0.1', port: 3, clientKey: key })
  const empty = { SWITCHYARD_HOST: '', SWITCHYARD_PORT: ' ', SWITCHYARD_API_KEY: '' }
  assert.deepEqual(serverSettings(empty, file), serverSettings({}, file))
})

test('a client key comes from a file as well', () => {
  const path = join(folder, 'key')
  writeFileSync(path, `${key}\n`)
  assert.equal(serverSettings({ SWITCHYARD_API_KEY_FILE: path }, {}).clientKey, key)
  assert.equal(serverSettings({}, { server: { apiKeyFile: path } }).clientKey, key)
})

test('what cannot be is refused by the name of where it stands, and a key is never quoted', () => {
  const rows: readonly (readonly [Record<string, string>, FileConfig, RegExp])[] = [
    [{ SWITCHYARD_PORT: 'canary' }, {}, /SWITCHYARD_PORT must be a number from 0 to 65535; got "canary"/],
    [{ SWITCHYARD_PORT: '65536' }, {}, /SWITCHYARD_PORT/],
    [{ SWITCHYARD_PORT: '-1' }, {}, /SWITCHYARD_PORT/],
    [{ SWITCHYARD_API_KEY: 'key-canary' }, {}, /SWITCHYARD_API_KEY is too short/],
    [{ SWITCHYARD_API_KEY: 'key-canary 0123456789' }, {}, /SWITCHYARD_API_KEY holds spaces/],
    [{}, { server: { apiKey: 'key-canary' } }, /server\.apiKey is too short/],
    [{}, { server: { apiKeyFile: '/nowhere' } }, /server\.apiKeyFile names the file \/nowhere/],
    [{ SWITCHYARD_API_KEY: key, SWITCHYARD_API_KEY_FILE: 'x' }, {}, /both set; keep one/],
  ]
  for (const [environment, file, message] of rows) {
    assert.throws(
      () => serverSettings(environment, file),
      (error: Error) => {
        assert.match(error.message, message)
        assert.doesNotMatch(error.message, /key-canary/)
        return true
      },
    )
  }
  assert.throws(() => serverSettings({}, {}, { port: 'x' }), /--port must be a number/)
})

test('other machines are let in only with a key set by hand', () => {
  for (const host of ['0.0.0.0', '::', '192.168.1.5', 'box.lan', '127.0.0.1.evil.example']) {
    assert.throws(() => serverSettings({ SWITCHYARD_HOST: host }, {}), /set SWITCHYARD_API_KEY/)
    assert.equal(serverSettings({ SWITCHYARD_HOST: host, SWITCHYARD_API_KEY: key }, {}).host, host)
  }
  for (const host of ['127.0.0.1', 'localhost', '::1', '[::1]']) serverSettings({ SWITCHYARD_HOST: host }, {})
})

test('a command on the same machine finds the gateway, wherever it listens', () => {
  const home = homeOf({}, folder)
  const urlOf = (host: string): string => localGateway({ host, port: 1, clientKey: key }, home).url
  assert.equal(urlOf('127.0.0.1'), 'http://127.0.0.1:1')
  assert.equal(urlOf('0.0.0.0'), 'http://127.0.0.1:1')
  assert.equal(urlOf('::1'), 'http://[::1]:1')
})

test('the log level comes from the environment, else from the file', () => {
  assert.equal(logLevel({}, {}, 'info'), 'info')
  assert.equal(logLevel({}, { log: 'warn' }, 'info'), 'warn')
  assert.equal(logLevel({ SWITCHYARD_LOG: 'SILENT' }, { log: 'warn' }, 'info'), 'silent')
  for (const level of ['loud', 'debug', 'error'])
    assert.throws(
      () => logLevel({ SWITCHYARD_LOG: level }, {}, 'info'),
      /SWITCHYARD_LOG must be one of silent, warn, info/,
    )
})
