import { createReadStream } from 'node:fs'
import { dialectNamed } from '../dialects/index.ts'
import { RequestError } from '../errors.ts'
import { type ExplainOptions, type Explanation, explainText, type Verdict } from '../providers/explain.ts'
import { printable } from './printable.ts'
import { typed, WrongUsage } from './wrong-usage.ts'

export interface ExplainFlags {
  readonly provider?: string
  readonly status?: string
  /** `Name: value`, each. */
  readonly header?: string[]
  readonly json?: boolean
}

/** Far more than any error body: the router itself reads 64 KiB of one. */
const maxBytes = 1_048_576

/**
 * `switchyard explain FILE|-`: what the router would make of an error answer, and why. Nothing is called, and keys,
 * accounts and ids are not repeated. Throws RequestError when there is nothing to read, WrongUsage when a flag is wrong.
 */
export async function explain(file: string, flags: ExplainFlags): Promise<void> {
  const options = readFlags(flags)
  const text = await read(file)
  if (text.trim() === '') throw new RequestError('invalid_request', `${nameOf(file)} is empty`)
  const explanation = typed(() => explainText(text, options))
  const shown =
    flags.json === true ? JSON.stringify(withWords(explanation), undefined, 2) : render(explanation)
  console.log(printable(shown))
}

/** With the words that a client of OpenAI's API gets for our code. */
function withWords(explanation: Explanation): object {
  const verdicts = explanation.verdicts.map((verdict) => ({
    ...verdict,
    client: { ...verdict.client, openai: openaiWords(verdict) },
  }))
  return { ...explanation, verdicts }
}

function openaiWords({ client }: Verdict): { readonly type: string; readonly code: string } {
  const { error } = dialectNamed('openai-chat').writeError({ ...client, message: '' })
  const { type, code } = error as { readonly type: string; readonly code: string }
  return { type, code }
}

function readFlags({ provider, status, header }: ExplainFlags): ExplainOptions {
  if (status !== undefined && !/^[2-5]\d\d$/.test(status))
    throw new WrongUsage(`--status takes an HTTP status; got "${status.slice(0, 20)}"`)
  // What follows the colon may be a key that was copied along.
  const odd = header?.findIndex((line) => !/^[\w-]+:/.test(line.trim())) ?? -1
  if (odd >= 0) throw new WrongUsage(`--header takes "Name: value"; number ${odd + 1} has another form`)
  return {
    now: Date.now(),
    ...(provider !== undefined && { provider }),
    ...(status !== undefined && { status: Number(status) }),
    ...(header !== undefined && { headers: header }),
  }
}

async function read(file: string): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  const input: AsyncIterable<Buffer> = file === '-' ? process.stdin : createReadStream(file)
  try {
    for await (const chunk of input) {
      chunks.push(chunk)
      size += chunk.length
      if (size > maxBytes) break
    }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable'
    throw new RequestError('not_found', `${nameOf(file)} cannot be read (${code})`)
  }
  if (size > maxBytes)
    throw new RequestError(
      'payload_too_large',
      `${nameOf(file)} is larger than 1 MiB, which no error answer is`,
    )
  return Buffer.concat(chunks).toString()
}

function nameOf(file: string): string {
  return file === '-' ? 'the input' : `"${file.slice(0, 200)}"`
}

const forms: Readonly<Record<Explanation['form'], string>> = {
  http: 'an HTTP answer',
  wrapper: 'an object with status, headers and body',
  json: 'a JSON body',
  event: 'an event of a stream',
  line: 'a line of a stream',
  page: 'a page for people',
  text: 'text',
}

const statusSources: Readonly<Record<Explanation['statusFrom'], string>> = {
  flag: 'as you say',
  answer: 'its own',
  body: 'from its body',
  assumed: 'assumed: an error inside a stream; --status says otherwise',
}

/** An explanation for people. */
export function render(explanation: Explanation): string {
  const { form, status, statusFrom, at, judgedFor, verdicts, report } = explanation
  return [
    `Read as ${forms[form]}, status ${status} (${statusSources[statusFrom]}), judged at ${at}.`,
    `Service: ${judgedFor}.`,
    ...verdicts.flatMap(renderVerdict),
    ...(report === undefined ? [] : renderReport(report)),
  ].join('\n')
}

function renderVerdict(verdict: Verdict): string[] {
  const { title, provider, rule, kind, scope, lane, message, rests, next, client, knownBy } = verdict
  const { type, code } = openaiWords(verdict)
  const how = {
    rule: '',
    status: ', known by its status only',
    nothing: ', unknown: short growing cooldown (5 s … 5 min); please report it',
  }[knownBy]
  return [
    '',
    `${title} (${provider})`,
    `  said    ${message}`,
    `  rule    ${rule}: ${kind}, scope ${scope}${lane === 'free' ? ', free lane' : ''}${how}`,
    `  rests   ${rests}`,
    `  next    ${next}`,
    `  client  sees ${client.status}, type ${type}, code ${code} when nothing else can answer (the library says ${client.code})`,
  ]
}

function renderReport(report: string): string[] {
  return [
    '',
    'To report it, paste this. Keys, e-mail addresses, accounts and ids were taken out; look it over first:',
    '',
    ...report.split('\n').map((line) => `    ${line}`),
  ]
}
