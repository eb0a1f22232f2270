import type { JsonObject } from '../../chat/types.ts'
import { RequestError } from '../../errors.ts'
import type { RouterCore } from '../../routing/core.ts'
import { findModel, type ShownModel, shownModels } from '../model-list.ts'
import { sendJson } from '../respond.ts'
import type { Handler } from '../route.ts'
import { capabilityWords, detailsOf, digestOf, modelInfo, modifiedAt, taggedName } from './model-facts.ts'
import { readNamed } from './named.ts'

/** GET /api/tags: every model there is, `auto` first. */
export const tags: Handler = async ({ response, context }) => {
  const byName = new Map<string, JsonObject>()
  for (const model of await shownModels(context.core)) {
    const name = taggedName(model.id)
    if (!byName.has(name)) byName.set(name, tag(name, model))
  }
  sendJson(response, 200, { models: [...byName.values()] }, context.headers)
}

/** POST /api/show {"model"}: what is known of one model. */
export const show: Handler = async ({ request, response, context }) => {
  const { name } = await readNamed(request)
  const model = await knownModel(context.core, name)
  const body: JsonObject = {
    license: '',
    modelfile: `FROM ${taggedName(model.id)}\n`,
    parameters: '',
    template: '{{ .Prompt }}',
    details: detailsOf(model),
    model_info: modelInfo(model),
    capabilities: capabilityWords(model),
    modified_at: modifiedAt,
  }
  sendJson(response, 200, body, context.headers)
}

/** Throws RequestError `model_not_found`, in the words that Ollama's clients know. */
export async function knownModel(core: RouterCore, name: string): Promise<ShownModel> {
  const found = findModel(await shownModels(core), name)
  if (found !== undefined) return found
  throw new RequestError('model_not_found', `model '${name.slice(0, 100)}' not found`, 'model')
}

function tag(name: string, model: ShownModel): JsonObject {
  return {
    name,
    model: name,
    modified_at: modifiedAt,
    // On this machine.
    size: 0,
    digest: digestOf(model),
    details: detailsOf(model),
    capabilities: capabilityWords(model),
  }
}
