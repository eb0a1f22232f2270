import type { Secret } from '../secret.ts'
import type { Transport } from '../wire/transport.ts'
import { quoted } from './outlook.ts'
import type { Sent } from './target.ts'

const timeoutMs = 10_000
const maxReplyBytes = 16 * 1024
const longestWaitMs = 3_600_000

export interface Post {
  /** From the config, never from a request. */
  readonly url: URL
  readonly headers?: Readonly<Record<string, string>>
  readonly body: string
  /** What the service's own words must not show. */
  readonly secrets: readonly Secret[]
}

/**
 * One POST of JSON, to the configured host only: a redirect is a refusal. Never rejects. Neither address nor header
 * stands in what it says.
 */
export async function post(transport: Transport, { url, headers, body, secrets }: Post): Promise<Sent> {
  try {
    const reply = await transport.request({
      method: 'POST',
      origin: url.origin,
      path: url.pathname + url.search,
      headers: {
        'content-type': 'application/json',
        'accept-encoding': 'identity',
        'user-agent': 'switchyard',
        ...headers,
      },
      body: [Buffer.from(body)],
      signal: AbortSignal.timeout(timeoutMs),
    })
    const text = (await reply.body.collect(maxReplyBytes).catch(() => Buffer.alloc(0))).toString()
    const { status } = reply
    if (status >= 200 && status < 300) return { ok: true, detail: `HTTP ${status}` }
    const afterMs = waitOf(reply.headers['retry-after'], text)
    return {
      ok: false,
      detail: detailOf(status, text, secrets),
      // The rest of 4xx says that the message, the address or the credential is wrong: again it would be as wrong.
      retry: status === 408 || status === 429 || status >= 500,
      ...(afterMs === undefined ? {} : { afterMs }),
    }
  } catch (error) {
    return { ok: false, detail: networkWords(error), retry: true }
  }
}

/** The error's code only: its text may hold an address. */
export function networkWords(error: unknown): string {
  if (error instanceof DOMException && error.name === 'TimeoutError')
    return `no answer within ${timeoutMs / 1000} s`
  const codes = [error, error instanceof Error ? error.cause : undefined].flatMap((each) =>
    typeof each === 'object' && each !== null && 'code' in each ? String(each.code) : [],
  )
  const code = codes.find((each) => /^[A-Z][A-Z0-9_]{1,60}$/.test(each))
  return `no connection (${code ?? 'unknown reason'})`
}

function detailOf(status: number, text: string, secrets: readonly Secret[]): string {
  if (status >= 300 && status < 400)
    return `HTTP ${status}: redirects are not followed; write the final address`
  let words = wordsOf(text)
  for (const secret of secrets) words = secret.hiddenIn(words)
  return words === '' ? `HTTP ${status}` : `HTTP ${status}: ${quoted(words)}`
}

/** Slack answers in plain text; Telegram has `description`, Discord `message`, ntfy `error`. */
function wordsOf(text: string): string {
  const members = parsed(text)
  const word = ['description', 'message', 'error'].map((name) => members?.[name]).find(isText)
  if (word !== undefined) return word
  return /^[\w .,:'()-]{1,100}$/.test(text) ? text : ''
}

/**
 * Milliseconds. Telegram says it in the body only (core.telegram.org/bots/api#responseparameters), the others in the
 * header, in seconds.
 */
function waitOf(header: string | string[] | undefined, text: string): number | undefined {
  const parameters = parsed(text)?.['parameters']
  const inBody =
    typeof parameters === 'object' && parameters !== null && 'retry_after' in parameters
      ? parameters.retry_after
      : undefined
  const seconds = Number(inBody ?? header)
  return seconds > 0 ? Math.min(longestWaitMs, seconds * 1000) : undefined
}

function parsed(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}
