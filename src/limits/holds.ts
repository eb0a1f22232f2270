import type { Hold } from '../ledger/ledger.ts'

/** Where rests are written so that they outlive the process. */
export interface HoldStore {
  hold(hold: Hold): void
  release(name: string): void
}

/**
 * Names of rests on disk. What an account may not do is written under each of its keys: which keys share an account
 * may be learned only after the start, and must not decide whether a rest is found again. The fingerprint keeps a new
 * secret from inheriting the old one's rests.
 */
export const holdNames: {
  readonly provider: (provider: string) => string
  readonly model: (provider: string, model: string) => string
  readonly key: (key: KeyName) => string
  readonly disabled: (key: KeyName) => string
  readonly account: (key: KeyName, lane: 'free' | 'all') => string
  readonly accountModel: (key: KeyName, model: string) => string
} = {
  provider: (provider) => `${provider}/provider`,
  model: (provider, model) => `${provider}/model/${model}`,
  key: (key) => `${keyPrefix(key)}/key`,
  disabled: (key) => `${keyPrefix(key)}/disabled`,
  account: (key, lane) => `${keyPrefix(key)}/account/${lane}`,
  accountModel: (key, model) => `${keyPrefix(key)}/model/${model}`,
}

export interface KeyName {
  readonly provider: string
  readonly name: string
  readonly fingerprint: string
}

/** How it is written that somebody set a key aside. */
export function disabledHold(key: KeyName, now: number): Hold {
  const why = 'disabled by hand'
  return { name: holdNames.disabled(key), until: Infinity, kind: 'disabled', why, setAt: now }
}

const modelMark = '/model/'

/**
 * The ways to read a name as that of a model resting for one account: `[name without the model, model]`. More than one,
 * because names of keys and models may hold the mark themselves.
 */
export function* readingsAsModel(name: string): Generator<readonly [string, string]> {
  for (let at = name.indexOf(modelMark); at !== -1; at = name.indexOf(modelMark, at + 1)) {
    const end = at + modelMark.length
    yield [name.slice(0, end), name.slice(end)]
  }
}

function keyPrefix(key: KeyName): string {
  return `${key.provider}/key/${key.name}#${key.fingerprint}`
}
