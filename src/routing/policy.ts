/** What an operator allows, over all providers. */
export interface Policy {
  /** No call that could cost anything. */
  readonly freeOnly: boolean
  /** All that fit a call must have room for it. */
  readonly ceilings: readonly Ceiling[]
  /** A part of each day's free quota that only these clients may use. */
  readonly reserve?: { readonly share: number; readonly clients: readonly string[] }
}

/** A hard ceiling on spending. */
export interface Ceiling {
  /** Only calls of this client count; left out: everybody's. */
  readonly client?: string
  /** Only calls of this lane count; left out: every call that costs something. */
  readonly lane?: 'included' | 'paid'
  readonly window: 'day' | 'month'
  readonly nanoUsd: number
}

/** Who may use the gateway, and how. */
export interface ClientPolicy {
  readonly name: string
  readonly freeOnly: boolean
}

/** What may be set of a client. A budget of null: none. */
export interface ClientTerms {
  readonly freeOnly: boolean
  readonly usdPerDay: number | null
  readonly usdPerMonth: number | null
}

/** A client as it is written down; never its key. */
export interface BookedClient extends ClientTerms {
  readonly name: string
  /** A client of the router itself: it has no entry of its own and cannot be changed or revoked. */
  readonly builtIn: boolean
  /** Where its key comes from; null where it needs none. */
  readonly keyFrom: string | null
}

/** Terms that are to be set; what is left out stays as it is. */
export type ClientChange = { readonly [Term in keyof ClientTerms]?: ClientTerms[Term] | undefined }

export const openPolicy: Policy = { freeOnly: false, ceilings: [] }

/** The share of the free day that this client must leave to others: 0 for those it is kept for. */
export function keptShare({ reserve }: Policy, client: string): number {
  return reserve === undefined || reserve.clients.includes(client) ? 0 : reserve.share
}
