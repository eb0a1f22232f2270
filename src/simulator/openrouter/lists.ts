import { readNumber } from '../json.ts'
import type { ModelEntry, OpenRouterModel } from './models.ts'
import type { OpenRouterAccount, OpenRouterSide } from './side.ts'

const pageSize = 500
const maxPageSize = 1000

/** The models that serve at a moment; `account` leaves out what its privacy settings forbid. */
export function listedModels(
  side: OpenRouterSide,
  now: number,
  account?: OpenRouterAccount,
): readonly OpenRouterModel[] {
  const hidesFree = account?.blocksFreeModels === true
  return [...side.models.values()].filter(
    (model) => now < model.expiresAt && !(hidesFree && model.isFree && model.routes === undefined),
  )
}

function readCount(query: URLSearchParams, name: string): number | undefined {
  const value = query.get(name)
  const count = value === null ? undefined : readNumber(Number(value))
  return count === undefined || count < 0 ? undefined : Math.floor(count)
}

function passes(model: OpenRouterModel, query: URLSearchParams, output: string): boolean {
  const parameters = query.get('supported_parameters')?.split(',') ?? []
  const inputs = query.get('input_modalities')?.split(',') ?? []
  const outputs = query.get('output_modalities')?.split(',') ?? [output]
  const maxPrice = query.get('max_price')
  const maxOutputPrice = query.get('max_output_price')
  const words = query.get('q')?.toLowerCase()
  return (
    parameters.every((name) => model.supportedParameters.includes(name)) &&
    inputs.every((name) => model.inputModalities.includes(name)) &&
    (outputs.includes('all') || outputs.includes(model.output)) &&
    (maxPrice === null || model.promptUsd * 1e6 <= Number(maxPrice)) &&
    (maxOutputPrice === null || model.completionUsd * 1e6 <= Number(maxOutputPrice)) &&
    (words === undefined || model.id.toLowerCase().includes(words))
  )
}

/**
 * The page of a model list; without `offset` and `limit` it is the whole list. `output` is what is listed when the query
 * does not say.
 */
export function writeModelList(
  models: readonly OpenRouterModel[],
  query: URLSearchParams,
  output: OpenRouterModel['output'],
): string {
  const found = models.filter((model) => passes(model, query, output)).map((model): ModelEntry => model.entry)
  const offset = readCount(query, 'offset')
  const limit = readCount(query, 'limit')
  if (offset === undefined && limit === undefined) {
    return JSON.stringify({ data: found, total_count: found.length, links: { next: null } })
  }
  const start = offset ?? 0
  const size = Math.min(limit ?? pageSize, maxPageSize)
  const end = start + size
  const next = end < found.length ? `/api/v1/models?offset=${end}&limit=${size}` : null
  return JSON.stringify({
    data: found.slice(start, end),
    total_count: found.length,
    links: { next },
  })
}
