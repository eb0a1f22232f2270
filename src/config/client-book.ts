import { RequestError } from '../errors.ts'
import type { BookedClient, ClientChange, Policy } from '../routing/policy.ts'
import { bookedClient, bookedClients } from './booked-clients.ts'
import {
  alterClient,
  builtInAdvice,
  type ClientPlace,
  enterClient,
  membersOf,
  nameTaken,
  refuseBuiltIn,
  type Struck,
  strikeClient,
  unknownClient,
} from './client-file.ts'
import { policyOf } from './policy.ts'
import type { FileClient, FileConfig, FilePolicy } from './schema.ts'

type ClientsFile = Pick<FileConfig, 'policy' | 'clients'>

/**
 * The clients of a running gateway, in its config file. What somebody else writes there meanwhile stays as it is and is
 * taken at the next start; only what is changed here is in force at once.
 */
export class ConfigClientBook {
  readonly configFile: string
  readonly #place: ClientPlace
  readonly #ownKeyFrom: string
  #inForce: ClientsFile

  /** `inForce`: the file as the gateway was started with it. `ownKeyFrom`: where the key of `default` comes from. */
  constructor(place: ClientPlace, inForce: ClientsFile, ownKeyFrom: string) {
    this.configFile = place.configFile
    this.#place = place
    this.#inForce = { policy: inForce.policy, clients: inForce.clients ?? [] }
    this.#ownKeyFrom = ownKeyFrom
  }

  list(): readonly BookedClient[] {
    return bookedClients(this.#inForce, this.#ownKeyFrom)
  }

  add(
    name: string,
    terms: ClientChange,
  ): {
    readonly policy: Policy
    readonly client: BookedClient
    readonly key: string
    readonly keyFile: string
  } {
    if (this.#find(name) !== undefined) throw nameTaken(name)
    const { entry, key, keyFile } = enterClient(this.#place, name, terms)
    const policy = this.#use({ ...this.#inForce, clients: [...(this.#inForce.clients ?? []), entry] })
    return { policy, client: bookedClient(entry), key, keyFile }
  }

  change(name: string, terms: ClientChange): { readonly policy: Policy; readonly client: BookedClient } {
    refuseBuiltIn(name, builtInAdvice.change)
    const entry = this.#find(name)
    if (entry === undefined)
      throw unknownClient(name, 'this gateway; one written into the file by hand is known after a restart')
    alterClient(this.#place, name, terms)
    const changed = { ...entry, ...membersOf(terms) }
    const clients = (this.#inForce.clients ?? []).map((each) => (each === entry ? changed : each))
    return { policy: this.#use({ ...this.#inForce, clients }), client: bookedClient(changed) }
  }

  revoke(name: string): Struck & { readonly policy: Policy } {
    const struck = this.#strike(name)
    const clients = (this.#inForce.clients ?? []).filter((client) => client.name !== name)
    return { ...struck, policy: this.#use({ policy: policyWithout(this.#inForce.policy, name), clients }) }
  }

  /** One that somebody took out of the file by hand still has its key here. */
  #strike(name: string): Struck {
    try {
      return strikeClient(this.#place, name)
    } catch (error) {
      const isGone = error instanceof RequestError && error.code === 'not_found'
      if (!isGone || this.#find(name) === undefined) throw error
      return { keyFileRemoved: false, policyCleared: false }
    }
  }

  #find(name: string): FileClient | undefined {
    return this.#inForce.clients?.find((client) => client.name === name)
  }

  #use(inForce: ClientsFile): Policy {
    const policy = policyOf(inForce)
    this.#inForce = inForce
    return policy
  }
}

/** As `strikeClient` leaves the policy of the file. */
function policyWithout(policy: FilePolicy | undefined, name: string): FilePolicy | undefined {
  const { reserve } = policy ?? {}
  const clients = reserve?.clients.filter((client) => client !== name) ?? []
  const isOver = reserve !== undefined && reserve.clients.length > 0 && clients.length === 0
  return {
    ...policy,
    ceilings: policy?.ceilings?.filter(({ client }) => client !== name),
    reserve: reserve === undefined || isOver ? undefined : { ...reserve, clients },
  }
}
