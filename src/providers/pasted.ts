import type { Json, JsonObject } from '../chat/types.ts'
import { isPage, readCount, readJson, readList, readObject, readText } from './bodies.ts'
import type { RawReply } from './provider.ts'

/** How an error was handed in. */
export type PastedForm = 'http' | 'wrapper' | 'json' | 'event' | 'line' | 'page' | 'text'

/** An error answer as somebody copied it. */
export interface Pasted extends RawReply {
  readonly form: PastedForm
  /** Where the status comes from; `assumed`: nothing told it. */
  readonly statusFrom: 'answer' | 'body' | 'assumed'
  /** The moment of the answer, when it says so. */
  readonly at?: number
  /** The service that said it, when it was kept by a router of ours. */
  readonly provider?: string
}

/** As much of a body as the router reads. */
const maxBody = 65_536
/** What an error inside a stream counts as when it has no status of its own. */
const streamStatus = 502

/**
 * Recognises what was pasted: `curl -i` output, an object with status, headers and body, a body alone, an event of a
 * stream, a line of one, a page, or plain text. Anything is something: never throws.
 */
export function readPasted(text: string): Pasted {
  const clean = text.replace(/^\uFEFF/, '').trim()
  return readHttp(clean) ?? readWrapper(clean) ?? readBody(clean, {}, undefined)
}

const statusLine = /^HTTP\/\d(?:\.\d)? (\d{3})\b/

function readHttp(text: string): Pasted | undefined {
  let rest = text.replaceAll('\r\n', '\n')
  let head: { readonly status: number; readonly headers: Record<string, string> } | undefined
  // An interim answer, or the one that a redirect was followed from, stands in front of the last.
  for (let found = statusLine.exec(rest); found !== null; found = statusLine.exec(rest)) {
    const end = rest.indexOf('\n\n')
    const lines = (end < 0 ? rest : rest.slice(0, end)).split('\n').slice(1)
    head = { status: Number(found[1]), headers: readHeaderLines(lines) }
    rest = end < 0 ? '' : rest.slice(end + 2)
  }
  return head === undefined
    ? undefined
    : { ...readBody(rest.trim(), head.headers, head.status), form: 'http' }
}

/** `Name: value` lines as headers with lower-case names; the first of a name counts. */
export function readHeaderLines(lines: readonly string[]): Record<string, string> {
  const headers: Record<string, string> = {}
  for (const line of lines.slice(0, 200)) {
    const [, name, value] = /^([\w-]{1,100}):[ \t]*(.*)$/.exec(line.trim()) ?? []
    if (name !== undefined && value !== undefined) headers[name.toLowerCase()] ??= value.slice(0, 1000)
  }
  return headers
}

/**
 * As the fixtures of this project have it, `{ "status": 429, "headers": {…}, "body": … }`, or as a router keeps unknown
 * errors, `{ "provider": …, "status": …, "seen": …, "body": … }`.
 */
function readWrapper(text: string): Pasted | undefined {
  const wrapper = readObject(readJson(text))
  const status = readCount(wrapper?.['status'])
  const body = wrapper?.['body']
  if (wrapper === undefined || status === undefined || body === undefined) return undefined
  const lines = Object.entries(readObject(wrapper['headers']) ?? {}).map(
    ([name, value]) => `${name}: ${writeHeader(value)}`,
  )
  const at = Date.parse(readText(wrapper['now']) ?? readText(wrapper['seen']) ?? '')
  const provider = wrapper['seen'] === undefined ? undefined : readText(wrapper['provider'])
  return {
    ...readBody(typeof body === 'string' ? body : writeJson(body), readHeaderLines(lines), status),
    form: 'wrapper',
    ...(Number.isFinite(at) && { at }),
    ...(provider !== undefined && /^[a-z][a-z0-9-]{0,39}$/.test(provider) && { provider }),
  }
}

function writeJson(value: Json): string {
  try {
    return JSON.stringify(value)
  } catch {
    // JSON can be read at any depth but written only as deep as the stack.
    return ''
  }
}

function writeHeader(value: Json): string {
  const first = readList(value)[0] ?? value
  return typeof first === 'string' || typeof first === 'number' ? String(first) : ''
}

function readBody(text: string, headers: Record<string, string>, status: number | undefined): Pasted {
  const at = Date.parse(headers['date'] ?? '')
  const { form, error } = findError(text)
  // A stream that fails keeps its 200; the error counts by its own code.
  const embedded = status === undefined || status < 300
  const own = embedded ? readStatus(error) : undefined
  const known = own ?? (embedded ? undefined : status)
  return {
    form,
    text: error.slice(0, maxBody),
    headers,
    status: known ?? streamStatus,
    statusFrom: known === undefined ? 'assumed' : own === undefined ? 'answer' : 'body',
    ...(Number.isFinite(at) && { at }),
  }
}

function findError(text: string): { readonly form: PastedForm; readonly error: string } {
  if (isPage(text)) return { form: 'page', error: text }
  if (readJson(text) !== undefined) return { form: 'json', error: text }
  const events = text.split('\n').flatMap((line) => /^data: ?(\{.*)$/.exec(line.trim())?.[1] ?? [])
  const event = events.findLast(hasError)
  if (event !== undefined) return { form: 'event', error: event }
  const line = text.split('\n').findLast(hasError)
  if (line !== undefined) return { form: 'line', error: line.trim() }
  // Client libraries put a body behind words of their own: `429 {"error": …}`.
  const inner = text.slice(text.search(/[{[]/), Math.max(text.lastIndexOf('}'), text.lastIndexOf(']')) + 1)
  return { form: 'text', error: readObject(readJson(inner)) === undefined ? text : inner }
}

function hasError(line: string): boolean {
  const object = readObject(readJson(line))
  return (
    object?.['error'] !== undefined || readObject(readList(object?.['choices'])[0])?.['error'] !== undefined
  )
}

/** The code that an error carries, as an embedded one is judged by. */
function readStatus(text: string): number | undefined {
  const body = readJson(text)
  if (body === undefined) {
    const told = isPage(text) ? /<title>[^<]{0,100}?\b([45]\d\d)\b/i : /^\D{0,30}\b([45]\d\d)\b/
    return readCount(told.exec(text)?.[1])
  }
  const object: JsonObject = readObject(readList(body)[0] ?? body) ?? {}
  const choice = readObject(readList(object['choices'])[0])
  const error = readObject(object['error']) ?? readObject(choice?.['error']) ?? {}
  const codes = [
    error['code'],
    error['status'],
    error['status_code'],
    object['code'],
    object['status'],
    object['status_code'],
  ]
  return codes.map(readCount).find((code) => code !== undefined && code >= 400 && code < 600)
}
