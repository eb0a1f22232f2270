import { clientKey, type Stand } from './stand.ts'

/** JSON as an Ollama client reads it. */
export interface NativeLine {
  readonly [name: string]: unknown
  readonly model?: string
  readonly message?: { readonly role: string; readonly content: string; readonly thinking?: string }
  readonly response?: string
  readonly done?: boolean
  readonly error?: unknown
}

/** POST with the client key, as Ollama's clients send it. */
export function post(stand: Stand, path: string, body: unknown, method = 'POST'): Promise<Response> {
  return fetch(stand.gateway.url + path, {
    method,
    headers: { 'content-type': 'application/json', authorization: `Bearer ${clientKey}` },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
}

/** The lines of a streamed answer; one that is empty or no JSON fails. */
export async function linesOf(reply: Response): Promise<readonly NativeLine[]> {
  const text = await reply.text()
  return text
    .replace(/\n$/, '')
    .split('\n')
    .map((line) => JSON.parse(line) as NativeLine)
}

/** Status and `error` of a refusal. */
export async function refusalOf(reply: Response): Promise<{ status: number; error: unknown }> {
  const body = (await reply.json()) as { error: unknown }
  return { status: reply.status, error: body.error }
}
