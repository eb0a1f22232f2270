import type { Capability } from '../chat/types.ts'
import type { ListedModel, RouterCore } from '../routing/core.ts'
import { spellings } from '../routing/model-name.ts'

/** A model as the doors show it: one that a provider lists, or `auto`. */
export interface ShownModel extends Omit<ListedModel, 'free'> {
  /** Left out for `auto`, which is free as long as it can be. */
  readonly free?: boolean
}

/** `auto` first, then the operator's other names, then what the providers list now, each name once. */
export async function shownModels(core: RouterCore): Promise<readonly ShownModel[]> {
  const listed = await core.models()
  const byId = new Map<string, ShownModel>([['auto', autoOf(listed)]])
  for (const [name, model] of Object.entries(core.aliases)) {
    const target = findModel([...byId.values(), ...listed], model)
    if (target !== undefined && !name.endsWith('*')) byId.set(name, { ...target, id: name })
  }
  for (const model of listed) if (!byId.has(model.id)) byId.set(model.id, model)
  return [...byId.values()]
}

/** By its name with or without the tag `latest`, or with its provider's name in front. */
export function findModel(models: readonly ShownModel[], name: string): ShownModel | undefined {
  return spellings(name)
    .map((way) => models.find(({ id, provider }) => id === way || `${provider}/${id}` === way))
    .find((model) => model !== undefined)
}

// What the models that `auto` prefers hold at the least.
const autoContext = 131_072

/** It goes to a model that can do what a request needs, so it can do what any of them can. */
function autoOf(listed: readonly ListedModel[]): ShownModel {
  const found = new Set<Capability>(listed.flatMap(({ capabilities = [] }) => capabilities))
  return {
    id: 'auto',
    provider: 'switchyard',
    contextTokens: autoContext,
    ...(found.size === 0 ? {} : { capabilities: [...found] }),
  }
}
