import type { AutoAsk, AutoChoice, ModelInfo } from '../provider.ts'
import { freeRouter, picksModel } from './catalog.ts'

/** OpenRouter refuses longer lists with 400. */
export const mostModels: number = 3
// Listed among chat models, priced at nothing, and answering only "safe" or a vector.
const noChat = /content-safety|guard|moderation|embed|rerank|whisper|(?:^|[-/])tts(?:-|:|$)/i
// An answer must fit beside the request.
const answerTokens = 4096

/** OpenRouter's own router, which picks at random among the free models that meet the request's needs. */
export function chooseRouter(): AutoChoice {
  return { model: freeRouter }
}

/**
 * Our own choice among the models that cost nothing now: those that can do what the request needs and have room for it,
 * the ones that answered last time before those that failed, larger contexts first. Models that were refused (harness
 * only, gone, no longer free) rest, and so are passed over. When none is left, the router.
 */
export function chooseBest(ask: AutoAsk): AutoChoice {
  const needs = ask.needs()
  const fit = ask.catalogue.flatMap((model) => {
    const trouble = ask.trouble(model.id)
    return trouble !== undefined &&
      isUsable(model, ask) &&
      needs.every((need) => model.capabilities?.includes(need))
      ? [{ model, trouble }]
      : []
  })
  fit.sort(
    (left, right) =>
      left.trouble - right.trouble ||
      (right.model.contextTokens ?? 0) - (left.model.contextTokens ?? 0) ||
      (left.model.id < right.model.id ? -1 : 1),
  )
  const [first, ...others] = fit.slice(0, mostModels).map(({ model }) => model.id)
  return first === undefined ? chooseRouter() : { model: first, others }
}

function isUsable(model: ModelInfo, ask: AutoAsk): boolean {
  if (!model.free || picksModel(model.id) || noChat.test(model.id)) return false
  if (model.expiresAt !== undefined && model.expiresAt <= ask.now) return false
  return model.contextTokens === undefined || model.contextTokens >= ask.inputTokens + answerTokens
}
