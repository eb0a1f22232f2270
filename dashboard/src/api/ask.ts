/** A refusal of the gateway, in its own words. */
export class AskError extends Error {
  readonly status: number
  readonly code: string
  constructor(status: number, code: string, message: string) {
    super(message)
    this.name = 'AskError'
    this.status = status
    this.code = code
  }
}

export interface Asked {
  /** Makes it a POST unless `method` says otherwise. */
  readonly body?: unknown
  readonly method?: 'GET' | 'POST' | 'DELETE'
  readonly signal?: AbortSignal
}

/** Told when the gateway no longer knows this browser. */
export const session: { lost: () => void } = { lost: () => {} }

/** Asks the admin API; `path` is below `/admin/`. Throws AskError. */
export async function ask<Answer>(path: string, asked: Asked = {}): Promise<Answer> {
  const response = await send(path, asked)
  return (await response.json()) as Answer
}

/** As `ask`, with the body unread. */
export async function send(path: string, { body, method, signal }: Asked = {}): Promise<Response> {
  let response: Response
  try {
    response = await fetch(`/admin/${path}`, {
      method: method ?? (body === undefined ? 'GET' : 'POST'),
      ...(body === undefined
        ? {}
        : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
      ...(signal === undefined ? {} : { signal }),
    })
  } catch (error) {
    if (signal?.aborted === true) throw error
    throw new AskError(0, 'unreachable', 'the gateway does not answer; is it still running?')
  }
  if (response.ok) return response
  const refusal = await refusalOf(response)
  if (refusal.status === 401 && path !== 'session') session.lost()
  throw refusal
}

async function refusalOf(response: Response): Promise<AskError> {
  const text = await response.text()
  try {
    const { error } = JSON.parse(text) as { error?: { message?: unknown; code?: unknown } }
    if (typeof error?.message === 'string')
      return new AskError(response.status, String(error.code ?? ''), error.message)
  } catch {
    // No JSON: something else answered in the gateway's place.
  }
  return new AskError(response.status, '', `the gateway answered ${response.status}`)
}

/** A query string of what is not empty. */
export function query(members: Readonly<Record<string, string | number | undefined>>): string {
  const given = Object.entries(members).filter(([, value]) => value !== undefined && value !== '')
  const text = new URLSearchParams(
    given.map(([name, value]): [string, string] => [name, String(value)]),
  ).toString()
  return text === '' ? '' : `?${text}`
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
