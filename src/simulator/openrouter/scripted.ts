import type { ScriptedFault } from '../faults.ts'
import type { Json } from '../json.ts'
import type { World } from '../world.ts'
import { dataPolicy } from './availability.ts'
import { errorTypeOf } from './error-types.ts'
import {
  insufficientCredits,
  paymentRefusal,
  plainRefusal,
  serverRefusal,
  sharedDayRefusal,
  sharedMinuteRefusal,
  upstreamRefusal,
  type Refusal,
} from './errors.ts'
import type { OpenRouterModel } from './models.ts'
import type { OpenRouterKey } from './side.ts'

/** The refusal a scripted fault stands for; undefined when it is of another sort. */
export function scriptedRefusal(
  world: World,
  fault: ScriptedFault,
  key: OpenRouterKey,
  model: OpenRouterModel,
): Refusal | undefined {
  const { settings } = world.openrouter
  const { owner } = key
  const now = world.clock.now()
  switch (fault.kind) {
    case 'rate-shared-minute':
      return sharedMinuteRefusal(settings, owner, model, world.dice.uuid(), now)
    case 'rate-shared-day':
      return sharedDayRefusal(settings, owner, model, world.dice.uuid(), now)
    case 'upstream-429':
      return upstreamRefusal(settings, owner, model, fault.retryAfterSeconds)
    case 'error-5xx':
      return serverRefusal(fault.status ?? 502, model)
    case 'no-endpoints':
      return plainRefusal(fault.kind, 404, `No endpoints found for ${model.id}.`, owner.userId)
    case 'data-policy':
      return plainRefusal(fault.kind, 404, dataPolicy, owner.userId)
    case 'insufficient-credits':
      return paymentRefusal(settings, key, 'credits', insufficientCredits)
    case 'in-flight-budget': {
      const message = 'Too many requests in flight for the remaining credits. Please retry shortly.'
      const hint = fault.retryAfterSeconds ?? 1
      return paymentRefusal(settings, key, fault.kind, message, 'in_flight_budget_exhausted', hint)
    }
    case 'user-not-found':
      return plainRefusal(fault.kind, 401, 'User not found.')
    default:
      return undefined
  }
}

/** The error object of a fault that comes after the status 200 (https://openrouter.ai/docs/api_reference/streaming). */
export function lateError(fault: ScriptedFault, refusal: Refusal | undefined, model: OpenRouterModel): Json {
  if (fault.kind === 'upstream-429') {
    const message = `${model.id} is temporarily rate-limited upstream.`
    return { code: 429, message, metadata: { error_type: 'rate_limit_exceeded' } }
  }
  if (refusal !== undefined) return refusal.error
  const code = fault.status ?? 502
  return {
    code,
    message: 'Provider disconnected unexpectedly',
    metadata: { error_type: errorTypeOf({ code }), provider_name: model.provider },
  }
}
