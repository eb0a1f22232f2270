import assert from 'node:assert/strict'
import { test } from 'node:test'
import { format, inspect } from 'node:util'
import { Secret } from './secret.ts'

const value = 'sk-or-v1-canary-0123456789abcdef'
const secret = new Secret(value)

test('a secret turned to text in any way is redacted', () => {
  const texts: Record<string, string> = {
    String: String(secret),
    template: `${secret}`,
    concatenation: `key: ${[secret].join()}`,
    JSON: JSON.stringify({ secret, list: [secret] }),
    inspect: inspect(secret),
    'inspect, nested': inspect({ deep: { secret } }, { depth: 9, showHidden: true }),
    'console format': format('%s %o %j', secret, secret, secret),
    error: inspect(new Error('failed', { cause: secret })),
    keys: JSON.stringify([Object.entries(secret), Object.getOwnPropertyNames(secret)]),
    copy: JSON.stringify({ ...secret }),
  }
  for (const [how, text] of Object.entries(texts)) assert.doesNotMatch(text, /canary/, how)
  assert.equal(texts['template'], '[redacted]')
})

test('only reveal gives the value', () => assert.equal(secret.reveal(), value))

test('the masked form shows at most 8 characters, and less of a short secret', () => {
  assert.equal(secret.masked, 'sk-or-v1…')
  assert.equal(new Secret('0123456789ab').masked, '012…')
  assert.equal(new Secret('abc').masked, '…')
})

test('the fingerprint tells secrets apart and holds no part of one', () => {
  assert.match(secret.fingerprint, /^[0-9a-f]{12}$/)
  assert.notEqual(secret.fingerprint, new Secret(`${value}0`).fingerprint)
  assert.equal(secret.fingerprint, new Secret(value).fingerprint)
})

test('a secret is hidden in foreign text, unless it is too short to be told from a word', () => {
  assert.equal(secret.hiddenIn(`bad key ${value}, yes ${value}.`), 'bad key [key], yes [key].')
  assert.equal(new Secret('key').hiddenIn('bad key'), 'bad key')
})
