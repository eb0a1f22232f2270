import { type Loaded, routerSettings } from '../config/load.ts'
import type { Json } from '../chat/types.ts'
import { RequestError } from '../errors.ts'
import { createCore } from '../routing/core.ts'
import type { PlanRequest, RoutePlan } from '../routing/preview.ts'
import { openLocal } from './local.ts'
import { createLog } from './log.ts'
import { renderPlan } from './plan-text.ts'
import { readNeeds } from './needs.ts'
import { cleaned } from './printable.ts'
import { withProgress } from './terminal/progress.ts'
import { viewOf } from './terminal/view.ts'
import { WrongUsage } from './wrong-usage.ts'

export interface PlanFlags {
  readonly client: string
  readonly provider?: string
  /** By comma. */
  readonly needs?: string
  readonly inputTokens: string
  readonly embeddings?: boolean
  readonly json?: boolean
}

/**
 * `switchyard plan [MODEL]`: asked of the running gateway; without one, of a router that is started for it, reads accounts
 * and model lists by calls that spend no quota, and ends.
 */
export async function showPlan(model: string, flags: PlanFlags): Promise<void> {
  const request = readFlags(model, flags)
  const local = openLocal()
  const plan = cleaned(
    await withProgress(
      'Asking who would get it',
      local
        .ask<RoutePlan>('/admin/plan', request as unknown as Json)
        .then((live) => live ?? planAlone(request, local.loaded)),
    ),
  )
  const view = viewOf(Date.parse(plan.at))
  console.log(flags.json === true ? JSON.stringify(plan, undefined, 2) : renderPlan(plan, view))
}

async function planAlone(request: PlanRequest, loaded: Loaded): Promise<RoutePlan> {
  const { client = 'default' } = request
  const known = loaded.clients.find(({ name }) => name === client)
  if (known === undefined && client !== 'default') {
    const names = ['default', ...loaded.clients.map(({ name }) => name)].map((name) => `"${name}"`)
    throw new RequestError('not_found', `there is no client "${client}"; known: ${names.join(', ')}`)
  }
  await using core = createCore(routerSettings(loaded, { log: createLog('silent') }))
  return await core.plan({ ...request, freeOnly: known?.freeOnly === true })
}

function readFlags(
  model: string,
  { client, provider, needs, inputTokens, embeddings }: PlanFlags,
): PlanRequest {
  if (!/^\d{1,9}$/.test(inputTokens))
    throw new WrongUsage(`--input-tokens takes a whole number; got "${inputTokens.slice(0, 20)}"`)
  const known = readNeeds(needs)
  return {
    model,
    client,
    ...(provider === undefined ? {} : { provider }),
    ...(embeddings === true && { kind: 'embeddings' as const }),
    ...(known.length === 0 ? {} : { needs: known }),
    inputTokens: Number(inputTokens),
  }
}
