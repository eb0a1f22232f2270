import { availabilityRefusalOf, plainRefusal, type Refusal } from './errors.ts'
import { meetsNeeds, type OpenRouterModel } from './models.ts'
import { isWithin } from './price-limit.ts'
import type { InferenceRequest } from './request.ts'
import type { OpenRouterKey, OpenRouterSide } from './side.ts'

/** Step 5: does anything serve this model to this account? */
export function availabilityRefusal(
  settings: OpenRouterSide['settings'],
  key: OpenRouterKey,
  model: OpenRouterModel,
  { needs, priceLimit }: InferenceRequest,
  now: number,
): Refusal | undefined {
  const { userId, blocksFreeModels } = key.owner
  const refuse = (kind: string, status: number, message: string): Refusal =>
    plainRefusal(kind, status, message, userId)
  if (model.harnessOnly) {
    return refuse(
      'harness-only',
      403,
      `${model.id} is only available on agentic harnesses. Use it from a supported coding agent.`,
    )
  }
  if (now >= model.expiresAt) return refuse('no-endpoints', 404, `No endpoints found for ${model.id}.`)
  if (model.isFree && blocksFreeModels) return refuse('data-policy', 404, dataPolicy)
  if (!meetsNeeds(model, { ...needs, image: false, structured: false })) {
    return refuse(
      'no-endpoints',
      404,
      'No endpoints found that support tool use. To learn more about provider routing, visit: https://openrouter.ai/docs/provider-routing',
    )
  }
  if (!meetsNeeds(model, { ...needs, tools: false, structured: false })) {
    return refuse('no-endpoints', 404, 'No endpoints found that support image input')
  }
  if (isWithin(model, priceLimit)) return undefined
  // The member and its effect are documented, the message is made up.
  const facts = { code: 'constraint_filtered', requested_models: [model.id], excluded_by: ['max_price'] }
  const message = `No endpoints found for ${model.id} within the price limits.`
  return availabilityRefusalOf(settings, 'over-price-limit', 404, message, facts, userId)
}

export const dataPolicy: string =
  'No endpoints available matching your guardrail restrictions and data policy. Configure: https://openrouter.ai/settings/privacy'
