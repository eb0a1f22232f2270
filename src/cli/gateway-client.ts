import type { Json } from '../chat/types.ts'
import { ProviderError, RouterError } from '../errors.ts'

/** Asks a running gateway. Undefined when none listens there; throws RouterError when it refuses. */
export async function askGateway(
  url: string,
  key: string,
  body?: Json,
  headMs?: number,
): Promise<Json | undefined> {
  const reply = await reach(url, key, {
    ...(body === undefined ? {} : { body }),
    ...(headMs === undefined ? {} : { headMs }),
  })
  if (reply === undefined) return undefined
  return (await reply.json()) as Json
}

export interface Asked {
  /** Makes it a POST. */
  readonly body?: Json
  readonly signal?: AbortSignal
  readonly headers?: Readonly<Record<string, string>>
  /** How long to wait for the answer's head; its body may take any time. */
  readonly headMs?: number
}

/** As `askGateway`, with the answer's body unread. */
export async function reach(
  url: string,
  key: string,
  { body, signal, headers, headMs = 5000 }: Asked = {},
): Promise<Response | undefined> {
  const late = new AbortController()
  const timer = setTimeout(() => late.abort(), headMs)
  let reply: Response
  try {
    reply = await fetch(url, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: signal === undefined ? late.signal : AbortSignal.any([signal, late.signal]),
      redirect: 'error',
    })
  } catch (error) {
    if (signal?.aborted === true) throw error
    if (late.signal.aborted)
      throw new RouterError(
        'upstream_timeout',
        `what listens at ${new URL(url).origin} did not answer within ${headMs / 1000} s; is it a Switchyard gateway?`,
      )
    return undefined
  } finally {
    clearTimeout(timer)
  }
  if (reply.ok) return reply
  throw refusal(reply.status, await reply.text())
}

function refusal(status: number, text: string): RouterError {
  try {
    const { error } = JSON.parse(text) as { error?: { message?: unknown } }
    if (typeof error?.message === 'string')
      return new ProviderError('upstream_failed', error.message, { upstreamStatus: status })
  } catch {
    // Not a gateway of ours; the status has to do.
  }
  return new RouterError(
    'upstream_failed',
    `what listens there answered ${status}; is it a Switchyard gateway?`,
  )
}
