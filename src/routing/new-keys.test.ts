import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Provider } from '../providers/provider.ts'
import { Secret } from '../secret.ts'
import { newKeys, withKeys } from './new-keys.ts'
import type { KeySettings, ProviderSettings } from './settings.ts'

function service(name: string, ...keys: readonly KeySettings[]): ProviderSettings {
  return {
    provider: { name, title: name.toUpperCase() } as Provider,
    baseUrl: `https://${name}.example`,
    keys,
  }
}

function key(name: string, secret = `secret of ${name}`): KeySettings {
  return { name, secret: new Secret(secret) }
}

const names = (settings: readonly ProviderSettings[]): readonly string[] =>
  settings.flatMap(({ provider, keys }) => keys.map((each) => `${provider.name}/${each.name}`))

test('keys that are not in use yet join, with the service as it is in force', () => {
  const inForce = [service('one', key('a')), service('two')]
  const wanted = [
    { ...service('one', key('a'), key('b')), baseUrl: 'https://elsewhere.example' },
    service('two', key('c')),
  ]
  const { joining, left } = newKeys(inForce, wanted)
  assert.deepEqual(names(joining), ['one/b', 'two/c'])
  assert.equal(joining[0]?.baseUrl, 'https://one.example')
  assert.deepEqual(left, [])
  const joined = withKeys(inForce, joining)
  assert.deepEqual(names(joined), ['one/a', 'one/b', 'two/c'])
  assert.deepEqual(newKeys(joined, wanted), { joining: [], left: [] })
})

test('what is in use stays as it is, and what is set otherwise is named', () => {
  const inForce = [service('one', key('a'), key('b'), key('c')), service('two', key('d'))]
  const wanted = [
    service('one', key('a', 'another secret'), { ...key('b'), account: 'shared' }, key('e')),
    service('new', key('f')),
  ]
  const { joining, left } = newKeys(inForce, wanted)
  assert.deepEqual(names(joining), ['one/e'])
  assert.deepEqual(
    left.map(({ name, why }) => [name, why.slice(0, 24)]),
    [
      ['a', 'another key stands under'],
      ['b', 'it is given to another a'],
      ['c', 'it is not in the setting'],
      ['d', 'it is not in the setting'],
      ['new', 'this service is new; it '],
    ],
  )
})

test('a service that is used without a key takes its first one at the next start', () => {
  const local: KeySettings = { name: 'one-local', secret: undefined }
  const { joining, left } = newKeys([service('one', local)], [service('one', key('a'))])
  assert.deepEqual(joining, [])
  assert.match(left[0]?.why ?? '', /^ONE is used without a key/)
  assert.deepEqual(newKeys([service('one', local)], [service('one', local)]), { joining: [], left: [] })
})

test('a key that was given another name does not join a second time', () => {
  const renamed = { ...key('a'), name: 'b' }
  const { joining, left } = newKeys([service('one', key('a'))], [service('one', renamed, key('c'))])
  assert.deepEqual(names(joining), ['one/c'])
  assert.deepEqual(
    left.map(({ name, why }) => `${name}: ${why}`),
    ['a: it has the name b from the next start on'],
  )
})
