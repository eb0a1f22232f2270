import { faultPolicy } from './faults.ts'
import type { Fault, RestUntil } from './provider.ts'
import { hourMs, minuteMs } from './resets.ts'

/** Who rests, as the beginning of a sentence. */
export function whoWords({ scope, lane }: Fault): string {
  switch (scope) {
    case 'request':
      return 'nobody rests'
    case 'key':
      return 'this key rests'
    case 'account':
      return lane === 'free' ? "this account's free lane rests" : 'this account rests, with all its keys,'
    case 'account-model':
      return 'this account rests for this model'
    case 'model':
      return 'this model rests, for every account,'
    case 'provider':
      return 'the whole service rests'
  }
}

/** Why a rest ends when it does, where the service itself said nothing. */
const reasons: Readonly<Record<Exclude<RestUntil, 'short'>, string>> = {
  'next-minute': 'because such a limit ends with the minute (UTC)',
  'next-day': 'because such a refusal holds until 00:00 UTC',
  'next-5h': 'because sessions end every five hours',
  'next-monday': 'because weekly limits end on Monday, 00:00 UTC',
  'next-month': 'because monthly limits end on the first (UTC)',
  released: 'because only somebody who acts can end it: switchyard keys release NAME',
  hour: 'because no time was stated; it is tried again in an hour',
}

/** Until when, and by whose word; `source` is where the service said so. */
export function restWords(fault: Fault, rests: RestUntil | undefined, source: string): string {
  if (fault.scope === 'request') return ': the request itself decided the outcome, or chance did'
  const { baseMs, maxMs } = faultPolicy[fault.kind]
  if (fault.until === undefined)
    return ` for a short time that doubles with each repetition: ${span(baseMs)} … ${span(maxMs)}`
  const end = Number.isFinite(fault.until) ? `until ${seconds(fault.until)}` : 'until released by hand'
  if (fault.stated) return ` ${end} because the service said so (${source})`
  return ` ${end} ${reasons[rests === undefined || rests === 'short' ? 'hour' : rests]}`
}

/** What is tried next, as a sentence. */
export function nextWords({ kind, scope }: Fault): string {
  if (kind === 'guard') return 'the same key again, without the member that the service did not take'
  const { retry, retryCost } = faultPolicy[kind]
  if (!retry)
    return 'nothing: the client gets the answer at once, as any other key would be refused the same way'
  const price = retryCost === 0 ? 'it costs nothing' : 'it is charged to the retry budget'
  return `${following(scope)}; ${price}`
}

function following(scope: Fault['scope']): string {
  switch (scope) {
    case 'request':
      return 'another key, then the next service that has the model'
    case 'key':
    case 'account':
    case 'account-model':
      return 'the next account with room, then the next service that has the model'
    case 'model':
    case 'provider':
      return 'the next service that has the model'
  }
}

function span(ms: number): string {
  if (ms >= hourMs) return `${ms / hourMs} h`
  return ms >= minuteMs ? `${ms / minuteMs} min` : `${ms / 1000} s`
}

/** Whole seconds where nothing is lost by it. */
function seconds(at: number): string {
  return new Date(at).toISOString().replace('.000Z', 'Z')
}

/** A header as people write it. */
export function headerName(name: string): string {
  return name.replaceAll(/(^|-)[a-z]/g, (letter) => letter.toUpperCase()).replace('Ratelimit', 'RateLimit')
}
