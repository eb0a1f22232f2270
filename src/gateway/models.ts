import type { JsonObject } from '../chat/types.ts'
import { RequestError } from '../errors.ts'
import { findModel, type ShownModel, shownModels } from './model-list.ts'
import { pageOf } from './model-page.ts'
import { sendJson } from './respond.ts'
import type { Exchange, Handler } from './route.ts'

/** GET /v1/models, for OpenAI's and Anthropic's clients alike: each reads the members it knows. Only the latter page. */
export const listModels: Handler = async ({ request, response, context }) => {
  const models = await shownModels(context.core)
  const anthropic = isAnthropic(request)
  const query = new URL(request.url ?? '', 'http://localhost').searchParams
  const { data, hasMore } = anthropic ? pageOf(models, query) : { data: models, hasMore: false }
  const list: JsonObject = {
    object: 'list',
    data: data.map((model) => entry(model, anthropic)),
    has_more: hasMore,
    first_id: data[0]?.id ?? null,
    last_id: data.at(-1)?.id ?? null,
  }
  sendJson(response, 200, list, context.headers)
}

/** GET /v1/models/{id}; clients send the slash of an id as `%2F`. */
export const oneModel: Handler = async ({ request, response, context, rest }) => {
  const id = decode(rest)
  const found = findModel(await shownModels(context.core), id)
  if (found === undefined)
    throw new RequestError('model_not_found', `no provider lists a model "${id.slice(0, 100)}"`, 'model')
  sendJson(response, 200, entry(found, isAnthropic(request)), context.headers)
}

function isAnthropic({ headers }: Exchange['request']): boolean {
  return headers['anthropic-version'] !== undefined
}

function entry(model: ShownModel, anthropic: boolean): JsonObject {
  const { id, provider, free, contextTokens, capabilities, price } = model
  return {
    id,
    object: 'model',
    type: 'model',
    display_name: id,
    // Nobody tells when a model was made; both vendors allow the beginning of time for that.
    created: 0,
    created_at: '1970-01-01T00:00:00Z',
    owned_by: provider,
    ...(free === undefined ? {} : { free }),
    ...(contextTokens === undefined ? {} : { context_length: contextTokens }),
    max_input_tokens: contextTokens ?? null,
    max_tokens: null,
    // Anthropic's clients expect an object of theirs there, or nothing.
    ...(anthropic ? { capabilities: null } : capabilities === undefined ? {} : { capabilities }),
    ...(price === undefined
      ? {}
      : { pricing: { prompt: perToken(price.input), completion: perToken(price.output) } }),
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
