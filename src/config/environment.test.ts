import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { ConfigError } from '../errors.ts'
import { providers } from '../providers/index.ts'
import { keysFromEnvironment, misnamedKeys, parseKey, tidyKeys } from './environment.ts'

const folder = mkdtempSync(join(tmpdir(), 'switchyard-environment-'))
after(() => rmSync(folder, { recursive: true }))

const openrouter = providers[0]!
const found = (environment: Record<string, string>): string[][] =>
  keysFromEnvironment(openrouter, environment).map(({ name, secret }) => [name, secret?.reveal() ?? ''])

function keyFile(name: string, text: string): string {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

test('keys come as NAME and NAME_1 to NAME_N, with gaps, in the order of their numbers', () => {
  assert.deepEqual(
    found({
      OPENROUTER_API_KEY_10: 'ten',
      OPENROUTER_API_KEY_2: 'two',
      OPENROUTER_API_KEY: 'zero',
      OPENROUTER_API_KEY_999: 'many',
      OLLAMA_API_KEY_1: 'another provider',
      MY_OPENROUTER_API_KEY_1: 'something else',
    }),
    [
      ['OPENROUTER_API_KEY', 'zero'],
      ['OPENROUTER_API_KEY_2', 'two'],
      ['OPENROUTER_API_KEY_10', 'ten'],
      ['OPENROUTER_API_KEY_999', 'many'],
    ],
  )
})

test('a _FILE variable names the file of a key; line ends and spaces around it do not count', () => {
  const environment = {
    OPENROUTER_API_KEY_1: '  spaced  ',
    OPENROUTER_API_KEY_2_FILE: keyFile('two', 'from-file\r\n'),
    OPENROUTER_API_KEY_FILE: keyFile('zero', 'bare'),
  }
  assert.deepEqual(found(environment), [
    ['OPENROUTER_API_KEY', 'bare'],
    ['OPENROUTER_API_KEY_1', 'spaced'],
    ['OPENROUTER_API_KEY_2', 'from-file'],
  ])
})

test('an empty variable is as good as none', () => {
  assert.deepEqual(
    found({ OPENROUTER_API_KEY: '', OPENROUTER_API_KEY_1: '  ', OPENROUTER_API_KEY_2_FILE: '' }),
    [],
  )
})

test('what cannot be a key is refused by the name of its variable and never quoted', () => {
  const canary = 'canary-0123456789'
  const rows: readonly (readonly [Record<string, string>, RegExp])[] = [
    [
      { OPENROUTER_API_KEY_1: `${canary}\nX-Evil: 1` },
      /the key in OPENROUTER_API_KEY_1 holds spaces, line breaks/,
    ],
    [{ OPENROUTER_API_KEY_1: `${canary} ${canary}` }, /OPENROUTER_API_KEY_1 holds spaces/],
    [{ OPENROUTER_API_KEY_1: `${canary}é` }, /letters outside ASCII/],
    [{ OPENROUTER_API_KEY_1: `${canary}\u200b` }, /letters outside ASCII/],
    [{ OPENROUTER_API_KEY_1: `"${canary}"` }, /OPENROUTER_API_KEY_1 stands in quotes; leave them out/],
    [{ OPENROUTER_API_KEY_1_FILE: keyFile('quoted', `'${canary}'\r\n`) }, /stands in quotes/],
    [{ OPENROUTER_API_KEY_1: `OPENROUTER_API_KEY=${canary}` }, /has its variable's name in front/],
    [
      { OPENROUTER_API_KEY_1_FILE: keyFile('line', `export OPENROUTER_API_KEY="${canary}"\n`) },
      /has its variable's name in front; give what follows the "="/,
    ],
    [{ OPENROUTER_API_KEY_1_FILE: keyFile('empty', '\n') }, /the key in OPENROUTER_API_KEY_1_FILE is empty/],
    [{ OPENROUTER_API_KEY_1_FILE: keyFile('two-lines', `${canary}\n${canary}`) }, /line breaks/],
    [
      { OPENROUTER_API_KEY_1_FILE: join(folder, 'missing') },
      /OPENROUTER_API_KEY_1_FILE names the file .*missing/,
    ],
    [
      { OPENROUTER_API_KEY_1: canary, OPENROUTER_API_KEY_1_FILE: keyFile('both', canary) },
      /OPENROUTER_API_KEY_1 and OPENROUTER_API_KEY_1_FILE are both set; keep one/,
    ],
  ]
  for (const [environment, message] of rows) {
    assert.throws(
      () => found(environment),
      (error: Error) => {
        assert.ok(error instanceof ConfigError)
        assert.match(error.message, message)
        assert.doesNotMatch(error.message, /canary/)
        return true
      },
    )
  }
})

test('padding at the end of a key is no variable in front of it', () => {
  for (const key of ['SK_CANARY==', 'sk-canary_1=', 'AB_C='])
    assert.equal(parseKey(`${key}\r\n`, 'X').reveal(), key)
})

test('one key under two names counts once, and the note names both without showing it', () => {
  const keys = [
    { name: 'A', secret: parseKey('canary-1', 'A') },
    { name: 'B', secret: parseKey('canary-2', 'B') },
    { name: 'C', secret: parseKey('canary-1 ', 'C') },
  ]
  const { keys: kept, notes } = tidyKeys(openrouter, keys)
  assert.deepEqual(
    kept.map(({ name }) => name),
    ['A', 'B'],
  )
  assert.deepEqual(notes, ['C holds the same key as A and is left out'])
})

test('a variable that only looks like a key is pointed out, unless it is used by other means', () => {
  const environment = {
    OPENROUTER_API_KEYS: 'canary-1,canary-2',
    OPENROUTER_API_KEY_WORK: 'canary-3',
    OPENROUTER_API_KEY_1: 'canary-4',
    OPENROUTER_API_KEY_1_FILE: '',
    OPENROUTER_API_KEY_OLD: '',
  }
  const notes = misnamedKeys(openrouter, environment, new Set(['OPENROUTER_API_KEY_WORK']))
  assert.deepEqual(notes, [
    'OPENROUTER_API_KEYS is not read; keys are taken from OPENROUTER_API_KEY, OPENROUTER_API_KEY_1, OPENROUTER_API_KEY_2 and so on',
  ])
})
