import type { ProviderName } from './books.ts'
import { isRecord } from './json.ts'

/** Faults both providers can have. */
const commonKinds = [
  'edge-block',
  'error-5xx',
  'in-stream-error',
  'cut',
  'end-without-done',
  'end-without-done-after-finish',
  'empty-answer',
  'empty-length',
  'error-in-200',
  'stall',
  'no-headers',
  'reset',
  'slow-drip',
  'html-200',
  'garbage-200',
  'truncated-json',
  'no-usage',
  'custom',
] as const

const openrouterKinds = [
  'rate-shared-minute',
  'rate-shared-day',
  'upstream-429',
  'choice-error',
  'comments-forever',
  'no-endpoints',
  'data-policy',
  'insufficient-credits',
  'in-flight-budget',
  'user-not-found',
  'no-event-lines',
  'bare-completed',
  'late-reasoning',
] as const

const ollamaKinds = [
  'session-limit',
  'weekly-limit',
  'monthly-limit',
  'slot-timeout',
  'overloaded',
  'requires-subscription',
  'extra-usage',
  'balance-empty',
  'error-line',
  'plain-500',
  'unauthorized-plain',
] as const

export type FaultKind =
  | (typeof commonKinds)[number]
  | (typeof openrouterKinds)[number]
  | (typeof ollamaKinds)[number]

/** One thing that goes wrong, for the first `times` calls that match all the fields given. */
export interface ScriptedFault {
  readonly provider: ProviderName
  readonly kind: FaultKind
  /** How many calls it hits; 1 unless told, `'always'` until the faults are cleared. */
  readonly times?: number | 'always'
  readonly key?: string
  readonly account?: string
  readonly model?: string
  /** The end of a path (`/messages`, `/key`, `/api/tags`). With it the fault hits calls to it, without it any inference. */
  readonly path?: string
  /** Where in a streamed answer it happens; errors come before the headers, breaks in mid-text unless told. */
  readonly at?: 'before-headers' | 'after-comments' | 'mid-text'
  /** Pieces of the answer that arrive before a break in mid-text; 2 unless told. */
  readonly afterChunks?: number
  readonly status?: number
  readonly body?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly contentType?: string
  /** Waits before the fault; between pieces for `slow-drip` (50) and `comments-forever` (20). */
  readonly delayMs?: number
  /** Bytes per write for this call. */
  readonly chopBytes?: number
  /** The hint an `upstream-429` or `in-flight-budget` carries. */
  readonly retryAfterSeconds?: number
}

const kindsOf: Readonly<Record<ProviderName, readonly string[]>> = {
  openrouter: [...commonKinds, ...openrouterKinds],
  ollama: [...commonKinds, ...ollamaKinds],
}

/** Oddities of form that only some of OpenRouter's APIs can show. */
export const quirks: ReadonlySet<FaultKind> = new Set(['no-event-lines', 'bare-completed', 'late-reasoning'])

/** Faults that a whole (not streamed) answer cannot show. */
const streamOnly: ReadonlySet<string> = new Set<FaultKind>([
  'in-stream-error',
  'error-line',
  'end-without-done',
  'end-without-done-after-finish',
  'comments-forever',
  ...quirks,
])

const textFields = ['key', 'account', 'model', 'path', 'body', 'contentType'] as const
const numberFields = ['afterChunks', 'status', 'delayMs', 'chopBytes', 'retryAfterSeconds'] as const
const places: readonly unknown[] = [undefined, 'before-headers', 'after-comments', 'mid-text']
const maxFaults = 10_000

/** Checks a fault from outside; throws a TypeError that says what is wrong. */
export function readFault(value: unknown): ScriptedFault {
  if (!isRecord(value)) throw new TypeError('a fault must be an object')
  const { provider, kind, times, at, headers } = value
  if (provider !== 'openrouter' && provider !== 'ollama') {
    throw new TypeError(`a fault needs "provider": "openrouter" or "ollama", not ${JSON.stringify(provider)}`)
  }
  if (typeof kind !== 'string' || !kindsOf[provider].includes(kind)) {
    throw new TypeError(
      `"kind" ${JSON.stringify(kind)} is not one of ${provider}'s: ${kindsOf[provider].join(', ')}`,
    )
  }
  if (times !== undefined && times !== 'always' && !(typeof times === 'number' && times >= 1)) {
    throw new TypeError('"times" must be a number from 1, or "always"')
  }
  if (!places.includes(at)) throw new TypeError(`"at" must be one of ${places.slice(1).join(', ')}`)
  for (const field of textFields) {
    if (value[field] !== undefined && typeof value[field] !== 'string')
      throw new TypeError(`"${field}" must be a string`)
  }
  for (const field of numberFields) {
    const number = value[field]
    if (number !== undefined && !(typeof number === 'number' && number >= 0))
      throw new TypeError(`"${field}" must be a number from 0`)
  }
  const { status } = value
  if (typeof status === 'number' && !(Number.isInteger(status) && status >= 200 && status <= 599)) {
    throw new TypeError('"status" must be a whole number from 200 to 599')
  }
  if (
    headers !== undefined &&
    !(isRecord(headers) && Object.values(headers).every((item) => typeof item === 'string'))
  ) {
    throw new TypeError('"headers" must be an object of strings')
  }
  return value as unknown as ScriptedFault
}

/** What a call is, for the choice of its fault. */
export interface FaultTarget {
  readonly provider: ProviderName
  readonly key?: string | undefined
  readonly account?: string | undefined
  /** The id asked for and the one picked, when they differ. */
  readonly models?: readonly string[]
  readonly path: string
  readonly isInference: boolean
  readonly streaming?: boolean
}

function matches(fault: ScriptedFault, target: FaultTarget): boolean {
  if (fault.provider !== target.provider) return false
  if (fault.key !== undefined && fault.key !== target.key) return false
  if (fault.account !== undefined && fault.account !== target.account) return false
  if (fault.path === undefined ? !target.isInference : !target.path.endsWith(fault.path)) return false
  if (fault.model !== undefined && target.models?.includes(fault.model) !== true) return false
  return target.streaming !== false || !streamOnly.has(fault.kind)
}

/** The faults still to come, in the order they were added. */
export class FaultList {
  readonly #faults: { readonly fault: ScriptedFault; left: number }[] = []

  add(fault: ScriptedFault): void {
    const checked = readFault(fault)
    if (this.#faults.length >= maxFaults) throw new TypeError(`more than ${maxFaults} faults are waiting`)
    this.#faults.push({
      fault: checked,
      left: checked.times === 'always' ? Infinity : (checked.times ?? 1),
    })
  }

  clear(): void {
    this.#faults.length = 0
  }

  /** The first fault that fits; it has one time less from then on. */
  take(
    target: FaultTarget,
    accepts: (fault: ScriptedFault) => boolean = () => true,
  ): ScriptedFault | undefined {
    for (const [index, waiting] of this.#faults.entries()) {
      if (!matches(waiting.fault, target) || !accepts(waiting.fault)) continue
      waiting.left -= 1
      if (waiting.left < 1) this.#faults.splice(index, 1)
      return waiting.fault
    }
    return undefined
  }

  get size(): number {
    return this.#faults.length
  }
}
