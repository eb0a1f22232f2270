import { hasKeys } from '../../config/load.ts'
import { ConfigError, RequestError } from '../../errors.ts'
import type { KeyCheck } from '../../routing/key-check.ts'
import { type Local, openLocal } from '../local.ts'
import { cleaned } from '../printable.ts'
import { withProgress } from '../terminal/progress.ts'
import { table } from '../terminal/table.ts'
import { type View, viewOf } from '../terminal/view.ts'
import { Upstreams } from '../upstreams.ts'

/** `switchyard keys test [NAME...]`: asks the services about keys by reads that spend no quota. */
export async function testKeys(names: readonly string[], flags: { readonly json?: boolean }): Promise<void> {
  const local = openLocal()
  const checks = cleaned(await withProgress('Asking the services', readChecks(local, names)))
  const unknown = names.filter((name) => !checks.some((check) => check.name === name))
  if (unknown.length > 0) throw new RequestError('not_found', `there is no key named "${unknown[0]}"`)
  console.log(
    flags.json === true ? JSON.stringify(checks, undefined, 2) : renderChecks(checks, viewOf()).join('\n'),
  )
  if (checks.some(({ verdict }) => verdict !== 'accepted')) process.exitCode = 1
}

/** By the running gateway, which may have other keys; else from here. `names` empty: all. */
export async function readChecks(local: Local, names: readonly string[] = []): Promise<readonly KeyCheck[]> {
  const live = await local.ask<{ readonly checks: readonly KeyCheck[] }>(
    '/admin/keys/test',
    names.length === 0 ? {} : { names: [...names] },
    15_000,
  )
  if (live !== undefined) return live.checks
  if (!hasKeys(local.loaded.providers))
    throw new ConfigError('there are no keys to test; switchyard keys add')
  await using upstreams = new Upstreams(local.loaded)
  return await upstreams.checkKeys(names.length === 0 ? undefined : names)
}

/** A line per key, and what keys that share an account are worth together. */
export function renderChecks(checks: readonly KeyCheck[], view: View): string[] {
  const { paint } = view
  const colours = {
    accepted: paint.green,
    refused: paint.red,
    unreachable: paint.red,
    unclear: paint.yellow,
  }
  return [
    ...table(
      [{}, {}, {}, { least: 20 }],
      checks.map(({ name, masked, verdict, why, freeDay, tookMs }) => [
        name,
        paint.dim(masked),
        colours[verdict](verdict),
        why ?? [...free(freeDay), `${tookMs} ms`].join(', '),
      ]),
      view,
    ),
    ...sharedAccounts(checks).map(({ text }) => text),
  ]
}

function free(day: KeyCheck['freeDay']): string[] {
  if (day?.max === undefined) return []
  return [day.used === undefined ? `${day.max} free a day` : `${day.used} of ${day.max} free used today`]
}

/** Keys that open one account: `3 keys, 1 account: 50 free requests a day, not 150`. */
export function sharedAccounts(
  checks: readonly KeyCheck[],
): readonly { readonly names: readonly string[]; readonly text: string }[] {
  const groups = Map.groupBy(
    checks.filter(({ account }) => account !== undefined),
    ({ provider, account }) => JSON.stringify([provider, account]),
  )
  return [...groups.values()].flatMap((group) => {
    if (group.length < 2) return []
    const names = group.map(({ name }) => name)
    const max = group.find(({ freeDay }) => freeDay?.max !== undefined)?.freeDay?.max
    const worth =
      max === undefined ? 'their limits are shared' : `${max} free requests a day, not ${max * group.length}`
    return [{ names, text: `${group.length} keys, 1 account: ${worth} (${names.join(', ')})` }]
  })
}
