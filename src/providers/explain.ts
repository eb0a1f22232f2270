import { type ErrorCode, errorCodes, RequestError } from '../errors.ts'
import { createCompatible } from './compatible/index.ts'
import { statusRules, unknownRule } from './fault-rules.ts'
import { faultPolicy, judge } from './faults.ts'
import { guessProvider } from './guess.ts'
import { providers } from './index.ts'
import { type PastedForm, readHeaderLines, readPasted } from './pasted.ts'
import type { Fault, FaultRule, Provider, RawReply } from './provider.ts'
import { redact } from './redact.ts'
import { headerName, nextWords, restWords, whoWords } from './verdict-words.ts'

/** What the router would make of an error answer. Holds nothing secret: keys, accounts and ids are taken out. */
export interface Explanation {
  readonly form: PastedForm
  readonly status: number
  /** `assumed`: nothing told it, so it counts as an error inside a stream. */
  readonly statusFrom: 'flag' | 'answer' | 'body' | 'assumed'
  /** The moment of judging, ISO 8601. */
  readonly at: string
  /** Why these services were asked. */
  readonly judgedFor: string
  readonly verdicts: readonly Verdict[]
  /** A copy fit for a public report; only when some service did not know the body. */
  readonly report?: string
}

export interface Verdict {
  readonly provider: string
  readonly title: string
  /** What decided: a rule of the service's own, what the status means everywhere, or nothing at all. */
  readonly knownBy: 'rule' | 'status' | 'nothing'
  readonly rule: string
  readonly kind: Fault['kind']
  readonly scope: Fault['scope']
  readonly lane: Fault['lane']
  /** The service's own words. */
  readonly message: string
  /** Who rests until when, and why, as a sentence. */
  readonly rests: string
  /** ISO 8601, `released`: until released by hand, null: nobody, or a short growing rest. */
  readonly until: string | null
  readonly stated: boolean
  /** What is tried next, as a sentence. */
  readonly next: string
  /** What a client sees when nothing else can answer. */
  readonly client: { readonly status: number; readonly code: ErrorCode }
}

export interface ExplainOptions {
  readonly provider?: string
  readonly status?: number
  /** `Name: value`, each. */
  readonly headers?: readonly string[]
  readonly now: number
}

/** Stands for every service that is set up by its address alone. */
const compatible = createCompatible({
  name: 'compatible',
  title: 'any OpenAI-compatible service',
  baseUrl: 'https://api.example.com/v1',
  lane: 'free',
  limits: [],
})
const all: readonly Provider[] = [...providers, compatible]

/** Judges a pasted error answer as the router would. Throws RequestError for a provider that there is none of. */
export function explainText(text: string, options: ExplainOptions): Explanation {
  const pasted = readPasted(text)
  const reply: RawReply = {
    status: options.status ?? pasted.status,
    headers: { ...pasted.headers, ...readHeaderLines(options.headers ?? []) },
    text: pasted.text,
  }
  const now = pasted.at ?? options.now
  const chosen = choose(reply, options.provider, pasted.provider)
  const verdicts = chosen.providers.map((provider) => verdictOf(provider, reply, now))
  const statusFrom = options.status === undefined ? pasted.statusFrom : 'flag'
  const strange = verdicts.some(
    ({ knownBy }) => knownBy === 'nothing' || (knownBy === 'status' && statusFrom === 'assumed'),
  )
  return {
    form: pasted.form,
    status: reply.status,
    statusFrom,
    at: new Date(now).toISOString(),
    judgedFor: chosen.why,
    verdicts,
    ...(strange && { report: writeReport(reply) }),
  }
}

function choose(
  reply: RawReply,
  name: string | undefined,
  keptOf: string | undefined,
): { readonly providers: readonly Provider[]; readonly why: string } {
  if (name !== undefined) {
    const provider = all.find((each) => each.name === name)
    if (provider !== undefined) return { providers: [provider], why: 'the service was named' }
    const names = all.map((each) => `"${each.name}"`).join(', ')
    throw new RequestError(
      'invalid_request',
      `there is no provider "${redact(name.slice(0, 60))}"; known: ${names} (the last for services set up by their address)`,
    )
  }
  if (keptOf !== undefined) {
    const known = all.find((each) => each.name === keptOf)
    const why = `the file was kept by a router as an error of ${redact(keptOf)}`
    return known === undefined
      ? { providers: [compatible], why: `${why}, a service set up by its address` }
      : { providers: [known], why }
  }
  const guess = guessProvider(reply)
  const provider = all.find((each) => each.name === guess?.provider)
  return provider === undefined || guess === undefined
    ? {
        providers: all,
        why: 'nothing tells which service said it, so every one is shown; name it with --provider',
      }
    : {
        providers: [provider],
        why: `${guess.clue}, so ${provider.title} is taken; --provider says otherwise`,
      }
}

function verdictOf(provider: Provider, reply: RawReply, now: number): Verdict {
  const fault = judge(provider, reply, now)
  const rule = [...provider.faultRules, ...statusRules, unknownRule].find(({ id }) => id === fault.rule)
  return {
    provider: provider.name,
    title: provider.title,
    knownBy: deciderOf(provider, fault.rule),
    rule: fault.rule,
    kind: fault.kind,
    scope: fault.scope,
    lane: fault.lane,
    message: redact(fault.message),
    rests: `${whoWords(fault)}${restWords(fault, rule?.rests, timeSource(provider, reply, fault, now))}`,
    until: written(fault.until),
    stated: fault.stated,
    next: nextWords(fault),
    client: clientView(fault),
  }
}

function deciderOf(provider: Provider, rule: FaultRule['id']): Verdict['knownBy'] {
  if (rule === unknownRule.id) return 'nothing'
  return provider.faultRules.some(({ id }) => id === rule) || rule.startsWith('edge-') ? 'rule' : 'status'
}

function written(until: number | undefined): string | null {
  if (until === undefined) return null
  return Number.isFinite(until) ? new Date(until).toISOString() : 'released'
}

/** Names by which bodies state a time, in the order in which they are believed. */
const bodyTimes = [/x-ratelimit-reset/i, /resets_at/i, /retry-after/i, /retry_after\w{0,20}/i, /retryDelay/]

/** Where the stated end comes from: the header without which the verdict would have another one, else the body. */
function timeSource(provider: Provider, reply: RawReply, fault: Fault, now: number): string {
  for (const name of Object.keys(reply.headers)) {
    if (!/retry-after|reset/.test(name)) continue
    const { [name]: _, ...headers } = reply.headers
    const other = judge(provider, { ...reply, headers }, now)
    if (other.until !== fault.until || !other.stated) return headerName(name)
  }
  const found = bodyTimes.map((name) => name.exec(reply.text)?.[0]).find(Boolean)
  return found === undefined ? 'in its body' : `${found} in its body`
}

/** What the request would end with if this was the only thing that happened; the rest of a pool may be better off. */
function clientView(fault: Fault): Verdict['client'] {
  const code = clientCode(fault)
  return { status: errorCodes[code], code }
}

function clientCode({ kind, scope, until }: Fault): ErrorCode {
  const spent = kind === 'quota' || kind === 'rate' || kind === 'credential'
  if (!spent) return faultPolicy[kind].code
  // With a time at which somebody returns it is a matter of waiting, else somebody has to act.
  if (scope !== 'request' && until !== Number.POSITIVE_INFINITY) return 'quota_exhausted'
  return 'unavailable'
}

const reported = /^(?:retry-after|content-type|server|date$|.*ratelimit)/

/** The body and the headers that matter, as `switchyard explain` reads them, without anything personal. */
function writeReport(reply: RawReply): string {
  const headers = Object.entries(reply.headers).filter(([name]) => reported.test(name))
  const lines = headers.map(([name, value]) => `${name}: ${redact(String(value))}`)
  return [`HTTP/1.1 ${reply.status}`, ...lines, '', redact(reply.text.slice(0, 4000))].join('\n')
}
