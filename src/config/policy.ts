import { ConfigError } from '../errors.ts'
import type { Ceiling, Policy } from '../routing/policy.ts'
import type { FileCeiling, FileConfig } from './schema.ts'

/** The policy of a config file, ceilings of its clients included. Throws ConfigError for names that stand nowhere. */
export function policyOf(file: FileConfig): Policy {
  const { policy, clients = [] } = file
  const names = [...builtInClients, ...clients.map(({ name }) => name)]
  const given = [
    ...(policy?.ceilings ?? []),
    ...clients.map(({ name, usdPerDay, usdPerMonth }) => ({ client: name, usdPerDay, usdPerMonth })),
  ]
  for (const name of [...given.flatMap(({ client }) => client ?? []), ...(policy?.reserve?.clients ?? [])]) {
    if (!names.includes(name))
      throw new ConfigError(
        `the policy names a client "${name}" that is not under "clients"; known: ${names.join(', ')}`,
      )
  }
  return {
    freeOnly: policy?.freeOnly ?? false,
    ceilings: given.flatMap((entry) => ceilingsOf(entry)),
    ...(policy?.reserve === undefined ? {} : { reserve: policy.reserve }),
  }
}

/** Who uses the gateway's own client key, who uses the library, and who chats on the dashboard. */
export const builtInClients: readonly string[] = ['default', 'library', 'dashboard']

function ceilingsOf({ lane, client, usdPerDay, usdPerMonth }: FileCeiling): Ceiling[] {
  const facts = { ...(lane === undefined ? {} : { lane }), ...(client === undefined ? {} : { client }) }
  return [
    ...(usdPerDay === undefined
      ? []
      : [{ ...facts, window: 'day' as const, nanoUsd: Math.round(usdPerDay * 1e9) }]),
    ...(usdPerMonth === undefined
      ? []
      : [{ ...facts, window: 'month' as const, nanoUsd: Math.round(usdPerMonth * 1e9) }]),
  ]
}
