import type { BookedClient } from '../routing/policy.ts'
import { builtInClients } from './policy.ts'
import type { FileCeiling, FileClient, FileConfig } from './schema.ts'

/** The clients of the router itself, then those of the config file. `ownKeyFrom`: where the key of `default` comes from. */
export function bookedClients(
  { policy, clients = [] }: Pick<FileConfig, 'policy' | 'clients'>,
  ownKeyFrom: string,
): readonly BookedClient[] {
  const own = builtInClients.map((name) => {
    const ceilings = (policy?.ceilings ?? []).filter(
      ({ client, lane }) => client === name && lane === undefined,
    )
    return {
      name,
      builtIn: true,
      freeOnly: false,
      usdPerDay: lowest(ceilings, 'usdPerDay'),
      usdPerMonth: lowest(ceilings, 'usdPerMonth'),
      // Who uses the library needs none.
      keyFrom: name === 'default' ? ownKeyFrom : null,
    }
  })
  return [...own, ...clients.map((client) => bookedClient(client))]
}

export function bookedClient({
  name,
  freeOnly,
  usdPerDay,
  usdPerMonth,
  keyFile,
  keyEnv,
}: FileClient): BookedClient {
  return {
    name,
    builtIn: false,
    freeOnly: freeOnly ?? false,
    usdPerDay: usdPerDay ?? null,
    usdPerMonth: usdPerMonth ?? null,
    keyFrom: keyFile ?? keyEnv ?? 'the config file',
  }
}

function lowest(ceilings: readonly FileCeiling[], window: 'usdPerDay' | 'usdPerMonth'): number | null {
  const amounts = ceilings.flatMap((ceiling) => ceiling[window] ?? [])
  return amounts.length === 0 ? null : Math.min(...amounts)
}
