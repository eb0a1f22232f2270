import type { ScriptedFault } from '../faults.ts'
import { monthWindow, sessionWindow, weekWindow, type WindowAt } from '../windows.ts'
import type { World } from '../world.ts'
import {
  balanceEmpty,
  extraUsageOnly,
  gatewayError,
  limitText,
  overloaded,
  plainError,
  requiresSubscription,
  slotTimeout,
  type OllamaRefusal,
} from './errors.ts'
import type { OllamaKey } from './side.ts'

const limitWindows: Readonly<Record<'session' | 'weekly' | 'monthly', WindowAt>> = {
  session: sessionWindow,
  weekly: weekWindow,
  monthly: monthWindow,
}

const serverTexts: Readonly<Record<number, string>> = {
  502: 'upstream error: unexpected EOF',
  503: overloaded,
  529: overloaded,
}

/** The refusal a scripted fault stands for; undefined when it is of another sort. A scripted limit counts as told. */
export function scriptedRefusal(
  world: World,
  fault: ScriptedFault,
  key: OllamaKey,
): OllamaRefusal | undefined {
  const { owner } = key
  const now = world.clock.now()
  const limit = (window: 'session' | 'weekly' | 'monthly'): OllamaRefusal => {
    owner.told.spentUntil(limitWindows[window](now).until)
    return gatewayError(fault.kind, fault.status ?? 429, limitText(owner, window))
  }
  switch (fault.kind) {
    case 'session-limit':
      return limit('session')
    case 'weekly-limit':
      return limit('weekly')
    case 'monthly-limit':
      return limit('monthly')
    case 'slot-timeout':
      return gatewayError(fault.kind, 429, slotTimeout)
    case 'overloaded':
      return gatewayError(fault.kind, 503, overloaded)
    case 'requires-subscription':
      return gatewayError(fault.kind, 403, requiresSubscription)
    case 'extra-usage':
      return gatewayError(fault.kind, 402, extraUsageOnly)
    case 'balance-empty':
      owner.told.spentUntil(monthWindow(now).until)
      return gatewayError(fault.kind, 402, balanceEmpty)
    case 'plain-500':
      return plainError(fault.kind, 500, 'Internal Server Error')
    case 'unauthorized-plain':
      return plainError(fault.kind, 401, 'unauthorized')
    case 'error-5xx': {
      const status = fault.status ?? 500
      return gatewayError(fault.kind, status, serverTexts[status] ?? 'Internal Server Error')
    }
    default:
      return undefined
  }
}
