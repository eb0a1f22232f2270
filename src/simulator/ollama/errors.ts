import type { Headers } from '../exchange.ts'
import type { World } from '../world.ts'
import type { OllamaAccount } from './side.ts'

/** An error of Ollama Cloud's. */
export interface OllamaRefusal {
  /** Its name in the counters. */
  readonly kind: string
  readonly status: number
  readonly text: string
  /**
   * `gateway` errors are flat on every path and may end with a reference; `handler` errors take the envelope of their
   * API; `plain` is text (https://docs.ollama.com/api/errors and the threads in ollama/ollama #14496, #12799).
   */
  readonly form: 'gateway' | 'handler' | 'plain'
  readonly headers?: Headers
}

export function gatewayError(kind: string, status: number, text: string, headers?: Headers): OllamaRefusal {
  return { kind, status, text, form: 'gateway', ...(headers === undefined ? {} : { headers }) }
}

export function handlerError(kind: string, status: number, text: string): OllamaRefusal {
  return { kind, status, text, form: 'handler' }
}

export function plainError(kind: string, status: number, text: string): OllamaRefusal {
  return { kind, status, text, form: 'plain' }
}

export const requiresSubscription =
  'this model requires a subscription, upgrade for access: https://ollama.com/upgrade'

export const extraUsageOnly =
  'this model uses extra usage only (not included plan usage) and your extra usage balance is empty, add extra usage or turn on auto reload at https://ollama.com/settings'

export const overloaded = 'Server overloaded, please retry shortly'

export const slotTimeout = 'timed out waiting for a concurrent request slot'

export const mismatchedTools = 'Invalid tool usage: mismatch between tool calls and tool results'

/** The wording of a spent pay-by-token balance is in no public capture; this one follows the extra-usage text. */
export const balanceEmpty =
  'your balance is empty, add credit or turn on auto reload at https://ollama.com/settings'

export function limitText(
  account: OllamaAccount | undefined,
  window: 'session' | 'weekly' | 'monthly',
): string {
  return `you (${account?.name ?? 'unknown'}) have reached your ${window} usage limit, upgrade for higher limits: https://ollama.com/upgrade or add extra usage: https://ollama.com/settings`
}

/** The text with its ` (ref: …)`, when the service would add one. */
export function referenced(world: World, text: string): string {
  return world.ollama.settings.refs ? `${text} (ref: ${world.dice.uuid()})` : text
}

const plainStatuses: ReadonlySet<number> = new Set([401, 500, 503])

const envelopeTypes: Readonly<Record<number, string>> = {
  400: 'invalid_request_error',
  404: 'not_found_error',
}

/** Statuses whose texts carry a reference; the service's own code writes the others. */
const referencedStatuses: ReadonlySet<number> = new Set([402, 403, 429, 500, 503])

export interface WrittenError {
  readonly status: number
  readonly headers: Headers
  readonly body: string
}

/** Writes an error for a path under `/api` or `/v1`. */
export function writeError(world: World, refusal: OllamaRefusal, path: string): WrittenError {
  const { status, text } = refusal
  const plain = refusal.form === 'plain' || (world.ollama.settings.plainErrors && plainStatuses.has(status))
  if (plain) {
    const type = { 'content-type': 'text/plain; charset=utf-8' }
    return { status, headers: { ...type, ...refusal.headers }, body: `${text}\n` }
  }
  const headers = { 'content-type': 'application/json; charset=utf-8', ...refusal.headers }
  if (refusal.form === 'handler' && path.startsWith('/v1/')) {
    const type = envelopeTypes[status] ?? 'api_error'
    const body = JSON.stringify({ error: { message: text, type, param: null, code: null } })
    return { status, headers, body }
  }
  const shown = refusal.form === 'gateway' && referencedStatuses.has(status) ? referenced(world, text) : text
  return { status, headers, body: JSON.stringify({ error: shown }) }
}
