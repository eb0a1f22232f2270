import type { AutoAsk, AutoChoice } from '../provider.ts'

/** An answer must fit beside the request. */
const answerTokens = 4096

/**
 * Chooses for `auto` among the models listed: one that is not known to lack what the request needs, the ones that
 * answered last time before those that failed, in the service's own order.
 */
export function chooseListed(ask: AutoAsk): AutoChoice {
  const needs = ask.needs()
  const fit = ask.catalogue.flatMap((model) => {
    const trouble = ask.trouble(model.id)
    const able = needs.every((need) => model.capabilities?.includes(need) !== false)
    const room = model.contextTokens === undefined || model.contextTokens >= ask.inputTokens + answerTokens
    return trouble !== undefined && able && room ? [{ id: model.id, trouble }] : []
  })
  const [first] = fit.toSorted((left, right) => left.trouble - right.trouble)
  // A server with a single model answers to any name; another one says that it has no such model.
  return { model: first?.id ?? ask.catalogue[0]?.id ?? 'auto' }
}
