import type { JsonObject } from '../chat/types.ts'
import { RequestError } from '../errors.ts'
import type { ListedModel } from '../routing/core.ts'
import { sendJson } from './respond.ts'
import type { Handler } from './route.ts'

/** GET /v1/models: what the providers list now, with `auto` in front. */
export const listModels: Handler = async ({ response, context }) => {
  const models = await context.core.models()
  sendJson(response, 200, { object: 'list', data: [auto, ...models.map(entry)] }, context.headers)
}

/** GET /v1/models/{id}; clients send the slash of an id as `%2F`. */
export const oneModel: Handler = async ({ response, context, rest }) => {
  const id = decode(rest)
  const found =
    id === 'auto' ? auto : (await context.core.models()).filter((model) => model.id === id).map(entry)[0]
  if (found === undefined)
    throw new RequestError('model_not_found', `no provider lists a model "${id.slice(0, 100)}"`, 'model')
  sendJson(response, 200, found, context.headers)
}

const auto: JsonObject = { id: 'auto', object: 'model', created: 0, owned_by: 'switchyard' }

function entry(model: ListedModel): JsonObject {
  return {
    id: model.id,
    object: 'model',
    created: 0,
    owned_by: model.provider,
    free: model.free,
    ...(model.contextTokens === undefined ? {} : { context_length: model.contextTokens }),
    ...(model.capabilities === undefined ? {} : { capabilities: model.capabilities }),
    ...(model.price === undefined
      ? {}
      : { pricing: { prompt: perToken(model.price.input), completion: perToken(model.price.output) } }),
  }
}

/** Dollars per token as a decimal string, the way price lists write it. */
function perToken(nanoUsd: number): string {
  return (nanoUsd / 1e9).toFixed(12).replace(/\.?0+$/, '') || '0'
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw new RequestError('invalid_request', 'the model id in the path is not validly percent-encoded')
  }
}
