import type { KeySettings, ProviderSettings } from './settings.ts'

/** What further settings mean for a router that runs. */
export interface NewKeys {
  /** Keys to take into use, each with its provider's settings as they are in force. */
  readonly joining: readonly ProviderSettings[]
  /** What stays as it was until the next start. */
  readonly left: readonly LeftKey[]
}

/** A key, or a service, that is set otherwise than it is in use. */
export interface LeftKey {
  readonly name: string
  readonly why: string
}

/**
 * The keys of `wanted` that a router with `inForce` does not have yet. A key that is in use stays as it is: one that is not
 * wanted any more is set aside by hand, at once.
 */
export function newKeys(inForce: readonly ProviderSettings[], wanted: readonly ProviderSettings[]): NewKeys {
  const services = new Set([...inForce, ...wanted].map(({ provider }) => provider.name))
  const compared = [...services].map((service) => {
    const of = (all: readonly ProviderSettings[]) => all.find(({ provider }) => provider.name === service)
    return compare(service, of(inForce), of(wanted)?.keys ?? [])
  })
  return {
    joining: compared.flatMap(({ joining }) => joining),
    left: compared.flatMap(({ left }) => left),
  }
}

function compare(
  service: string,
  known: ProviderSettings | undefined,
  wanted: readonly KeySettings[],
): NewKeys {
  if (known === undefined)
    return {
      joining: [],
      left: [{ name: service, why: 'this service is new; it is used from the next start on' }],
    }
  const names = new Set(known.keys.map(({ name }) => name))
  const secrets = new Set(known.keys.map(({ secret }) => secret?.fingerprint))
  // The same secret under another name is the same key: used twice it would promise quota that is not there.
  const keys = wanted.filter(({ name, secret }) => !names.has(name) && !secrets.has(secret?.fingerprint))
  const isKeyless = known.keys.some(({ secret }) => secret === undefined)
  if (isKeyless && keys.length > 0) {
    const why = `${known.provider.title} is used without a key; the next start takes those that it has now`
    return { joining: [], left: keys.map(({ name }) => ({ name, why })) }
  }
  const named = new Map(wanted.map((key) => [key.name, key]))
  const holding = new Map(wanted.map((key) => [key.secret?.fingerprint, key]))
  return {
    joining: keys.length === 0 ? [] : [{ ...known, keys }],
    left: known.keys.flatMap((key) => {
      const why = otherwise(key, named.get(key.name), holding.get(key.secret?.fingerprint))
      return why === undefined ? [] : [{ name: key.name, why }]
    }),
  }
}

/** How a key that is in use is set now, where that is not as it is used. `renamed`: who holds its secret. */
function otherwise(
  key: KeySettings,
  set: KeySettings | undefined,
  renamed: KeySettings | undefined,
): string | undefined {
  if (set === undefined) {
    return renamed === undefined
      ? 'it is not in the settings any more, and in use until it is disabled or the next start'
      : `it has the name ${renamed.name} from the next start on`
  }
  if (set.secret?.fingerprint !== key.secret?.fingerprint)
    return 'another key stands under this name now; the next start takes it'
  return set.account === key.account
    ? undefined
    : 'it is given to another account now, from the next start on'
}

/** `inForce` with the keys that have joined. */
export function withKeys(
  inForce: readonly ProviderSettings[],
  joined: readonly ProviderSettings[],
): readonly ProviderSettings[] {
  return inForce.map((each) => {
    const more = joined.find(({ provider }) => provider.name === each.provider.name)?.keys ?? []
    return more.length === 0 ? each : { ...each, keys: [...each.keys, ...more] }
  })
}
