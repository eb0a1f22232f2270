import type { Json } from '../chat/types.ts'
import { ProviderError, RouterError } from '../errors.ts'

/** Asks a running gateway. Undefined when none listens there; throws RouterError when it refuses. */
export async function askGateway(url: string, key: string, body?: Json): Promise<Json | undefined> {
  const reply = await reach(url, key, body)
  if (reply === undefined) return undefined
  return (await reply.json()) as Json
}

/** As `askGateway`, with the answer's body unread. */
export async function reach(
  url: string,
  key: string,
  body?: Json,
  signal?: AbortSignal,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response | undefined> {
  let reply: Response
  try {
    reply = await fetch(url, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal === undefined ? {} : { signal }),
      redirect: 'error',
    })
  } catch (error) {
    if (signal?.aborted === true) throw error
    return undefined
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
