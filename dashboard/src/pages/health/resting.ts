import type { Cooldown, Status } from '../../api/types.ts'

/** Who is not called for now. */
export interface Resting {
  readonly provider: string
  /** `the whole service`, `key NAME`, and so on. */
  readonly who: string
  readonly until: string
  readonly why: string
}

/** Everybody who rests, service by service, from the widest to the narrowest. */
export function restingOf({ providers }: Status): readonly Resting[] {
  return providers.flatMap(({ title, cooldown, restingModels, accounts }) => {
    const row = (who: string, { until, why }: Cooldown): Resting => ({ provider: title, who, until, why })
    return [
      ...(cooldown === undefined ? [] : [row('the whole service', cooldown)]),
      ...restingModels.map((rest) => row(`model ${rest.model}`, rest)),
      ...accounts.flatMap((account) => [
        ...account.cooldowns.map((rest) =>
          row(`account ${account.id}${rest.lane === undefined ? '' : `, its ${rest.lane} lane`}`, rest),
        ),
        ...account.restingModels.map((rest) => row(`account ${account.id}, model ${rest.model}`, rest)),
        ...account.keys.flatMap((key) =>
          key.cooldown === undefined ? [] : [row(`key ${key.name}`, key.cooldown)],
        ),
      ]),
    ]
  })
}
