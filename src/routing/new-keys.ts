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
  const joining: ProviderSettings[] = []
  const left: LeftKey[] = []
  for (const each of wanted) {
    const known = inForce.find(({ provider }) => provider.name === each.provider.name)
    if (known === undefined) {
      left.push({ name: each.provider.name, why: 'this service is new; it is used from the next start on' })
      continue
    }
    const keys = each.keys.filter(({ name }) => !known.keys.some((key) => key.name === name))
    const keyless = known.keys.find(({ secret }) => secret === undefined)
    if (keyless !== undefined && keys.length > 0) {
      const why = `${each.provider.title} is used without a key; those that it has now are taken at the next start`
      left.push(...keys.map(({ name }) => ({ name, why })))
      continue
    }
    if (keys.length > 0) joining.push({ ...known, keys })
    left.push(...known.keys.flatMap((key) => otherwise(key, each.keys)))
  }
  return { joining, left }
}

/** How a key that is in use stands in the settings, where that is not as it is used. */
function otherwise(key: KeySettings, wanted: readonly KeySettings[]): LeftKey[] {
  const { name } = key
  const found = wanted.find((each) => each.name === name)
  if (found === undefined)
    return [
      { name, why: `it is not in the settings any more, and in use until it is disabled or the next start` },
    ]
  if (found.secret?.fingerprint !== key.secret?.fingerprint)
    return [{ name, why: 'another key stands under this name now; the next start takes it' }]
  if (found.account !== key.account)
    return [{ name, why: 'it is given to another account now, from the next start on' }]
  return []
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
