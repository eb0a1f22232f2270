import type { BookedClient, ClientChange, Policy } from '../routing/policy.ts'

export type { BookedClient } from '../routing/policy.ts'

/** Who uses the gateway's own client key. */
export const ownClient = 'default'

/** What the router has to keep to after a change. */
interface Changed {
  readonly policy: Policy
}

/**
 * Where the clients of a gateway are written down, so that the next start knows them. Every change is made as a whole or
 * not at all, before the method returns. Throws RouterError that says what is wrong.
 */
export interface ClientBook {
  /** The file, for people and for commands that would write into the same one. */
  readonly configFile: string
  /** What is in force, not what somebody wrote into the file meanwhile. */
  list(): readonly BookedClient[]
  /** Makes a fresh key, which is told this once. */
  add(
    name: string,
    terms: ClientChange,
  ): Changed & { readonly client: BookedClient; readonly key: string; readonly keyFile: string }
  /** What is left out stays as it is. */
  change(name: string, terms: ClientChange): Changed & { readonly client: BookedClient }
  /** Takes a client out, and its name out of the policy. */
  revoke(name: string): Changed & { readonly keyFileRemoved: boolean; readonly policyCleared: boolean }
}
