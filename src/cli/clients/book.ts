import { join } from 'node:path'
import type { Json } from '../../chat/types.ts'
import { bookedClient, bookedClients } from '../../config/booked-clients.ts'
import {
  alterClient,
  type ClientPlace,
  enterClient,
  type Struck,
  strikeClient,
} from '../../config/client-file.ts'
import { gatewayKeyFrom } from '../../config/clients.ts'
import { isSameFile } from '../../config/same-file.ts'
import { ProviderError, isRouterError } from '../../errors.ts'
import type { BookedClient, ClientChange } from '../../routing/policy.ts'
import { type Local, openLocal } from '../local.ts'

/** A client with what it did; null without a gateway, which would know. */
export type ClientRow = BookedClient & {
  readonly requestsToday: number | null
  readonly spentTodayUsd: number | null
  readonly spentMonthUsd: number | null
}

/** The clients where they are kept: in the hands of the gateway that runs here, else in the config file. */
export interface Book {
  readonly configFile: string
  /** Whether a gateway that runs keeps to what is changed, from the next request on. */
  readonly running: boolean
  list(): Promise<readonly ClientRow[]>
  add(name: string, terms: ClientChange): Promise<{ readonly key: string; readonly keyFile: string }>
  change(name: string, terms: ClientChange): Promise<BookedClient>
  revoke(name: string): Promise<Struck>
}

/** Asks whether a gateway of this home and config file runs. One process writes the file then: that one. */
export async function openBook(flags: { readonly config?: string }): Promise<Book> {
  const local = openLocal(flags)
  const { home, configFile } = local.loaded
  const answer = await runningHere(local)
  if (answer !== undefined && isSameFile(answer.configFile, configFile)) return runningBook(local, answer)
  return fileBook({ configFile, keysFolder: join(home.folder, 'clients') }, local)
}

interface Answer {
  readonly configFile: string
  readonly clients: readonly ClientRow[]
}

function runningBook(local: Local, { configFile, clients }: Answer): Book {
  const ask = async <Result>(path: string, body: Json): Promise<Result> => {
    const answer = await local.ask<Result>(path, body)
    if (answer !== undefined) return answer
    throw new ProviderError(
      'unavailable',
      'the gateway stopped meanwhile; look with "switchyard clients" and try again',
    )
  }
  // Undefined members are left out by JSON.
  const body = (name: string, terms: ClientChange): Json => ({ name, ...terms }) as Json
  return {
    configFile,
    running: true,
    list: async () => clients,
    add: (name, terms) => ask('/admin/clients/add', body(name, terms)),
    change: (name, terms) => ask('/admin/clients/change', body(name, terms)),
    revoke: (name) => ask('/admin/clients/revoke', { name }),
  }
}

function fileBook(place: ClientPlace, { loaded: { file } }: Local): Book {
  const ownKeyFrom = gatewayKeyFrom(process.env, file)
  const unknown = { requestsToday: null, spentTodayUsd: null, spentMonthUsd: null }
  return {
    configFile: place.configFile,
    running: false,
    list: async () => bookedClients(file, ownKeyFrom).map((client) => ({ ...client, ...unknown })),
    add: async (name, terms) => enterClient(place, name, terms),
    change: async (name, terms) => bookedClient(alterClient(place, name, terms)),
    revoke: async (name) => strikeClient(place, name),
  }
}

/** Undefined when none listens, or one that is not ours: of another home, of a program, or no gateway at all. */
async function runningHere(local: Local): Promise<Answer | undefined> {
  try {
    return await local.ask<Answer>('/admin/clients')
  } catch (error) {
    const status = error instanceof ProviderError ? error.upstreamStatus : undefined
    const isForeign = status === 401 || status === 404 || status === 501
    const isNoGateway =
      isRouterError(error) && !(error instanceof ProviderError) && error.code === 'upstream_failed'
    if (isForeign || isNoGateway) return undefined
    throw error
  }
}
