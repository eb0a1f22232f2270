import type { Clock } from '../clock.ts'
import type { Credential } from '../limits/credential.ts'
import { networkFault } from '../providers/network-fault.ts'
import type { AccountNews } from '../providers/provider.ts'
import { Secret } from '../secret.ts'
import type { Transport } from '../wire/transport.ts'
import { createFetcher, type Upstream } from './upstream.ts'

/** What a service said of one key when it was asked by reads that spend no quota. Holds no secret. */
export interface KeyCheck {
  readonly provider: string
  readonly name: string
  readonly masked: string
  /** `unclear`: something answered, but neither yes nor no. */
  readonly verdict: 'accepted' | 'refused' | 'unreachable' | 'unclear'
  /** Why, in words; missing for keys that were accepted. */
  readonly why?: string
  /** HTTP status of the answer that decided, if there was one. */
  readonly status?: number
  /** A short one-way mark of the account behind it: the same for keys that share one. Missing: nobody told. */
  readonly account?: string
  /** Free requests of a day, of the whole account. */
  readonly freeDay?: { readonly max?: number; readonly used?: number }
  /** How far the service's clock is ahead of this one, to the second; from its `Date` header. */
  readonly clockAheadMs?: number
  readonly tookMs: number
}

const timeoutMs = 5_000

// With thousands of keys as many connections must not be opened at once.
const mostAtOnce = 16

/** Checks keys, some at a time; `names` left out: all that are configured. */
export async function checkKeys(
  upstreams: readonly Upstream[],
  ports: { readonly transport: Transport; readonly clock: Clock },
  names?: readonly string[],
): Promise<readonly KeyCheck[]> {
  const keys = upstreams.flatMap((upstream) =>
    upstream.pool.accounts
      .flatMap((account) => account.keys)
      .filter(({ name }) => names === undefined || names.includes(name))
      .map((credential) => ({ upstream, credential })),
  )
  const checks: KeyCheck[] = []
  for (let at = 0; at < keys.length; at += mostAtOnce) {
    const some = keys.slice(at, at + mostAtOnce)
    checks.push(
      ...(await Promise.all(some.map(({ upstream, credential }) => checkKey(upstream, credential, ports)))),
    )
  }
  return checks
}

interface Heard {
  readonly status: number
  readonly date: string | undefined
  readonly at: number
}

async function checkKey(
  upstream: Upstream,
  credential: Credential,
  { transport, clock }: { readonly transport: Transport; readonly clock: Clock },
): Promise<KeyCheck> {
  const begun = clock.now()
  const heard: Heard[] = []
  const get = createFetcher(upstream, credential, transport, timeoutMs, (status, headers) => {
    const { date } = headers
    heard.push({ status, date: typeof date === 'string' ? date : undefined, at: clock.now() })
  })
  const { provider } = upstream
  let news: AccountNews | undefined
  let failure: unknown
  try {
    news = await provider.account?.(get)
    // Some services tell nothing of an account; whether they list models to this key says at least that.
    if (heard.every(({ status }) => status >= 300)) await provider.models?.(get, [])
  } catch (error) {
    failure = error
  }
  const refused = heard.find(({ status }) => status === 401 || status === 403)
  const accepted = heard.find(({ status }) => status >= 200 && status < 300)
  const day = news?.limits.find(({ limit }) => limit === 'day')
  const ahead = heard.map(clockAhead).find((each) => each !== undefined)
  return {
    provider: provider.name,
    name: credential.name,
    masked: credential.secret?.masked ?? '',
    ...judge({ refused, accepted, failure, title: provider.title, heard }),
    ...(news?.account === undefined ? {} : { account: new Secret(news.account).fingerprint }),
    ...(day === undefined || !provider.limits.some(({ name, lane }) => name === 'day' && lane === 'free')
      ? {}
      : {
          freeDay: {
            ...(day.max === undefined ? {} : { max: day.max }),
            ...(day.used === undefined ? {} : { used: day.used }),
          },
        }),
    ...(ahead === undefined ? {} : { clockAheadMs: ahead }),
    tookMs: Math.max(0, clock.now() - begun),
  }
}

function judge(facts: {
  readonly refused: Heard | undefined
  readonly accepted: Heard | undefined
  readonly failure: unknown
  readonly title: string
  readonly heard: readonly Heard[]
}): Pick<KeyCheck, 'verdict' | 'why' | 'status'> {
  const { refused, accepted, failure, title, heard } = facts
  if (refused !== undefined)
    return { verdict: 'refused', status: refused.status, why: `${title} answered ${refused.status}` }
  const [first] = heard
  if (first === undefined)
    return {
      verdict: 'unreachable',
      why: `${title}: ${networkFault(failure).message}`,
    }
  if (accepted === undefined || failure !== undefined)
    return { verdict: 'unclear', status: first.status, why: `${title} answered ${first.status}` }
  return { verdict: 'accepted', status: accepted.status }
}

function clockAhead({ date, at }: Heard): number | undefined {
  const told = Date.parse(date ?? '')
  // The header has whole seconds: on average it is half a second behind.
  return Number.isFinite(told) ? Math.round((told + 500 - at) / 1000) * 1000 : undefined
}
