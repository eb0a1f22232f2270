import type { Json, JsonObject } from '../../chat/types.ts'
import { isPage, readCount, readJson, readList, readObject, readText } from '../bodies.ts'
import { readRetryAfterMs } from '../headers.ts'
import type { Failure, RawReply } from '../provider.ts'
import { nextPacificMidnight, readDurationMs, readSpentReset, readWaitMs } from './resets.ts'
import { meaningStatus, readMeanings } from './words.ts'

/** Longer messages are cut before any rule sees them. */
const maxText = 2000

/**
 * Reads an error of an OpenAI-compatible service. The shapes met: OpenAI's `{error: {message, type, code}}`, the same
 * members without the wrapper (Cerebras, Mistral, vLLM), Google's list `[{error: {code, status, details}}]`, FastAPI's
 * `{detail}`, problem details `{status, title, detail}` (NVIDIA), and a bare text.
 */
export function readFailure(reply: RawReply, now: number): Failure {
  const error = findError(readJson(reply.text))
  if (error === undefined) return readUnshaped(reply, now)
  const details = readDetails(error)
  const meanings = readMeanings([error['code'], error['type'], error['status'], ...details.reasons])
  const { message, account } = withoutAccount(readMessage(error))
  const status =
    readStatus(reply, error) ?? (meanings[0] === undefined ? reply.status : meaningStatus[meanings[0]])
  const limited = status === 429 || meanings.includes('rate')
  const window = limited ? readWindow([message, ...details.quotas].join(' ')) : undefined
  // A model without any free quota: "limit: 0", with a wait beside it that would never help.
  const noAllowance = limited && /\blimit: 0\b/.test(message)
  const source = [error['code'], error['type'], error['status']].map(readText).find(Boolean)
  return {
    status,
    message,
    shaped: true,
    marks: [...meanings, ...(noAllowance ? ['no-allowance'] : []), ...(window === undefined ? [] : [window])],
    ...(source !== undefined && { source }),
    ...(account !== undefined && { account }),
    ...(!noAllowance && readEnd(reply, { message, details, limited }, now)),
  }
}

interface Details {
  readonly reasons: readonly (Json | undefined)[]
  /** Names of quotas that ran out. */
  readonly quotas: readonly string[]
  readonly retryMs: number | undefined
}

/** Google's `details`: a list of typed objects (https://google.aip.dev/193). */
function readDetails(error: JsonObject): Details {
  const entries = readList(error['details']).map((entry) => readObject(entry) ?? {})
  const delay = entries.map((entry) => readText(entry['retryDelay'])).find(Boolean)
  return {
    reasons: entries.map((entry) => entry['reason']),
    quotas: entries
      .flatMap((entry) => readList(entry['violations']))
      .flatMap((violation) => readText(readObject(violation)?.['quotaId']) ?? []),
    retryMs: delay === undefined ? undefined : readDurationMs(delay),
  }
}

/**
 * When the trouble ends. A stated wait comes before the headers of windows, which tell when a window is full again and
 * not when one more call fits (console.groq.com/docs/rate-limits).
 */
function readEnd(
  reply: RawReply,
  facts: { readonly message: string; readonly details: Details; readonly limited: boolean },
  now: number,
): Pick<Failure, 'resetsAt' | 'retryAfterMs'> {
  const { message, details, limited } = facts
  // The wait beside a spent quota of a day is that of the minute window.
  if (limited && details.quotas.some((quota) => /PerDay/i.test(quota)))
    return { resetsAt: nextPacificMidnight(now) }
  const retryAfterMs =
    readRetryAfterMs(reply.headers, now) ?? details.retryMs ?? (limited ? readWaitMs(message) : undefined)
  if (retryAfterMs !== undefined) return { retryAfterMs }
  const resetsAt = limited ? readSpentReset(reply.headers, now) : undefined
  return resetsAt === undefined ? {} : { resetsAt }
}

function readUnshaped(reply: RawReply, now: number): Failure {
  const text = reply.text.slice(0, 256).trim()
  const retryAfterMs = readRetryAfterMs(reply.headers, now)
  return {
    status: reply.status,
    message: isPage(text) ? '' : text,
    shaped: false,
    marks: [],
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  }
}

/** The object that holds the message, whatever wraps it. */
function findError(body: Json | undefined): JsonObject | undefined {
  const words = readText(body)
  if (words !== undefined) return { message: words }
  const object = readObject(readList(body)[0] ?? body)
  if (object === undefined) return undefined
  const wrapped = object['error'] ?? readObject(readList(object['choices'])[0])?.['error']
  const text = readText(wrapped)
  if (text !== undefined) return { ...object, message: text }
  return (
    readObject(wrapped) ??
    (['message', 'detail', 'title'].some((name) => object[name] !== undefined) ? object : undefined)
  )
}

function readMessage(error: JsonObject): string {
  const words =
    readText(error['message']) ??
    readValidation(readObject(error['message'])?.['detail']) ??
    readText(error['detail']) ??
    readValidation(error['detail']) ??
    readText(error['title']) ??
    ''
  return words.slice(0, maxText)
}

/** FastAPI's list of complaints: `[{loc: ["body", "x"], msg: "…"}]`. */
function readValidation(value: Json | undefined): string | undefined {
  const complaints = readList(value).flatMap((entry) => {
    const { msg, loc } = readObject(entry) ?? {}
    const words = readText(msg)
    const where = readList(loc)
      .filter((part) => typeof part !== 'object')
      .join('.')
    return words === undefined ? [] : [where === '' ? words : `${where}: ${words}`]
  })
  return complaints.length === 0 ? undefined : complaints.slice(0, 5).join('; ')
}

/** The answer's own status where it tells something; an error inside a stream has its own. */
function readStatus(reply: RawReply, error: JsonObject): number | undefined {
  if (reply.status >= 300 && reply.status !== 502) return reply.status
  for (const name of ['code', 'status', 'status_code', 'raw_status_code']) {
    const code = readCount(error[name])
    if (code !== undefined && code >= 400 && code < 600) return code
  }
  return undefined
}

const organisation = / in organization [`'"]?(org[-_]\w{1,80})[`'"]?/
const forAccount = / for account '([^']{1,100})'/

/** Clients see the message; whose account it is is the operator's business. */
function withoutAccount(message: string): { readonly message: string; readonly account?: string } {
  const account = organisation.exec(message)?.[1] ?? forAccount.exec(message)?.[1]
  if (account === undefined) return { message }
  return { message: message.replace(organisation, '').replace(forAccount, ' for this account'), account }
}

/** Which window ran out, where a refusal names it: in words, by its length, or as RPD and TPM. */
function readWindow(words: string): 'day-window' | 'minute-window' | undefined {
  if (/\b[RT]PD\b|\bper day\b|\bdaily\b|PerDay|ByDay\b|\bper 86400s\b/i.test(words)) return 'day-window'
  return /\b(?:[RT]PM|[IO]TPM)\b|\bper min(?:ute)?\b|PerMinute|ByMinute|\bper 60s\b/i.test(words)
    ? 'minute-window'
    : undefined
}
