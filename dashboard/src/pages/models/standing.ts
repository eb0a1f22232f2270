import type { Cooldown, PricedModel, ProviderStatus, Status } from '../../api/types.ts'

/** What keeps a model from being called as it is listed. */
export interface Standing {
  /** For everybody, at its provider. */
  readonly rest?: Cooldown
  /** Only at some accounts. */
  readonly restsAt: number
  /** It was free and has a price since then, as an ISO time. */
  readonly pricedSince?: string
}

/** By `nameOf` of the model; those that nothing is the matter with are left out. */
export function standingsOf(status: Status | undefined): ReadonlyMap<string, Standing> {
  const standings = new Map<string, Standing>()
  for (const provider of status?.providers ?? []) note(provider, standings)
  return standings
}

export function nameOf({ provider, id }: Pick<PricedModel, 'provider' | 'id'>): string {
  return `${provider} ${id}`
}

function note(provider: ProviderStatus, standings: Map<string, Standing>): void {
  const add = (model: string, more: Partial<Standing>): void => {
    const name = nameOf({ provider: provider.name, id: model })
    standings.set(name, { restsAt: 0, ...standings.get(name), ...more })
  }
  for (const { model, ...rest } of provider.restingModels) add(model, { rest })
  for (const { model, change, since } of provider.drift)
    if (change === 'priced') add(model, { pricedSince: since })
  for (const { restingModels } of provider.accounts)
    for (const { model } of restingModels) {
      const before = standings.get(nameOf({ provider: provider.name, id: model }))
      add(model, { restsAt: (before?.restsAt ?? 0) + 1 })
    }
}
