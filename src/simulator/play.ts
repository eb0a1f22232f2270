import type { CallRecord } from './books.ts'
import type { Dice } from './dice.ts'
import type { Exchange, Headers } from './exchange.ts'
import type { ScriptedFault } from './faults.ts'

/** How fast answers come. */
export interface Pace {
  readonly chunkDelayMs: number
  readonly firstTokenDelayMs: number
  readonly wordsPerChunk: number
}

/**
 * One piece of a stream. A `token` carries part of the answer, a `part` only opens or closes something, `done` is the end
 * mark of the protocol, if it has one.
 */
export interface Frame {
  readonly kind: 'comment' | 'part' | 'token' | 'finish' | 'done'
  readonly text: string
}

/** How an answer is sent, and how it goes wrong. */
export interface Plan {
  readonly pace: Pace
  readonly record: CallRecord
  readonly fault: ScriptedFault | undefined
  /** What this protocol sends when an answer fails half way. */
  errorFrame(sent: Sent): string
  /** Runs just before the last byte leaves: whoever has read the answer sees its effects. */
  finished(played: Played): void
}

/** What has left of a stream so far. */
export interface Sent {
  readonly tokens: number
  /** Frames other than comments. */
  readonly events: number
}

/** How much of the answer was sent. */
export interface Played {
  readonly tokens: number
  readonly whole: boolean
}

/** Faults in the form of an answer that is right. */
const harmless: readonly string[] = [
  'slow-drip',
  'no-usage',
  'no-event-lines',
  'bare-completed',
  'late-reasoning',
]

/** Faults that let a stream come to its end; all others break it off. */
const unbroken: ReadonlySet<string> = new Set([
  ...harmless,
  'empty-answer',
  'empty-length',
  'end-without-done-after-finish',
])

function breakPoint(fault: ScriptedFault | undefined): number {
  if (fault === undefined || unbroken.has(fault.kind)) return Infinity
  if (breaksBeforeOpening(fault)) return 0
  return fault.afterChunks ?? 2
}

/** Nothing but comments comes before such a break. */
function breaksBeforeOpening(fault: ScriptedFault): boolean {
  return fault.at === 'after-comments' || fault.kind === 'comments-forever'
}

async function breakStream(exchange: Exchange, frame: Frame, plan: Plan, sent: Sent): Promise<void> {
  const fault = plan.fault!
  plan.finished({ tokens: sent.tokens, whole: false })
  if (fault.kind === 'stall') {
    await exchange.flush()
    return exchange.untilGone()
  }
  if (fault.kind === 'comments-forever') {
    while (!exchange.gone) {
      exchange.push(': OPENROUTER PROCESSING\n\n')
      await exchange.flush()
      await exchange.pause(fault.delayMs ?? 20)
    }
    return
  }
  plan.record.settle('failed', fault.kind)
  if (fault.kind === 'cut') return exchange.cut()
  if (fault.kind === 'truncated-json') exchange.push(frame.text.slice(0, frame.text.length >> 1))
  else if (fault.kind !== 'end-without-done') exchange.push(plan.errorFrame(sent))
  await exchange.end()
}

/** Sends a stream. */
export async function playFrames(
  exchange: Exchange,
  headers: Headers,
  frames: Iterable<Frame>,
  plan: Plan,
): Promise<void> {
  const { fault, pace } = plan
  const drips = fault?.kind === 'slow-drip'
  const delayMs = drips ? (fault.delayMs ?? 50) : pace.chunkDelayMs
  const breakAt = breakPoint(fault)
  const opens = fault === undefined || breakAt === Infinity || !breaksBeforeOpening(fault)
  let tokens = 0
  let events = 0
  plan.record.entry.status = 200
  exchange.open(200, headers)
  for (const frame of frames) {
    if (exchange.gone) return plan.finished({ tokens, whole: false })
    const content = frame.kind === 'token' || frame.kind === 'finish'
    const breaks = content
      ? tokens >= breakAt || (frame.kind === 'finish' && breakAt !== Infinity)
      : frame.kind === 'part' && !opens
    if (breaks) return breakStream(exchange, frame, plan, { tokens, events })
    if (frame.kind === 'token') {
      // The wait comes before a piece, never after it: the end of the answer leaves in one write with the books closed.
      const waitMs = tokens === 0 ? pace.firstTokenDelayMs || (drips ? delayMs : 0) : delayMs
      if (waitMs > 0 || exchange.isFull) {
        await exchange.flush()
        await exchange.pause(waitMs)
      }
      tokens += 1
    }
    if (frame.kind === 'done' && fault?.kind === 'end-without-done-after-finish') continue
    if (frame.kind !== 'comment') events += 1
    exchange.push(frame.text)
  }
  if (exchange.gone) return plan.finished({ tokens, whole: false })
  plan.finished({ tokens, whole: true })
  settleWhole(plan)
  await exchange.end()
}

function settleWhole({ record, fault }: Plan): void {
  // Any other fault lies in what such an answer says.
  if (fault === undefined || harmless.includes(fault.kind)) record.settle('answered')
  else record.settle('failed', fault.kind)
}

/** Sends a whole answer. */
export async function playBody(
  exchange: Exchange,
  headers: Headers,
  body: string,
  plan: Plan,
): Promise<void> {
  const { fault, record, pace } = plan
  record.entry.status = 200
  await exchange.pause(pace.firstTokenDelayMs)
  if (exchange.gone) return plan.finished({ tokens: 0, whole: false })
  const half = body.slice(0, body.length >> 1)
  switch (fault?.kind) {
    case 'stall':
    case 'cut':
      plan.finished({ tokens: 0, whole: false })
      exchange.open(200, { ...headers, 'content-length': String(Buffer.byteLength(body)) })
      exchange.push(half)
      await exchange.flush()
      if (fault.kind === 'stall') return exchange.untilGone()
      record.settle('failed', fault.kind)
      return exchange.cut()
    case 'truncated-json':
      plan.finished({ tokens: 0, whole: false })
      record.settle('failed', fault.kind)
      return exchange.reply(200, headers, half)
    case 'slow-drip':
      exchange.open(200, { ...headers, 'content-length': String(Buffer.byteLength(body)) })
      for (let start = 0; start < body.length && !exchange.gone; start += 16) {
        await exchange.flush()
        await exchange.pause(fault.delayMs ?? 50)
        exchange.push(body.slice(start, start + 16))
      }
      if (exchange.gone) return plan.finished({ tokens: 0, whole: false })
      plan.finished({ tokens: 0, whole: true })
      record.settle('answered')
      return exchange.end()
    default:
      plan.finished({ tokens: 0, whole: true })
      settleWhole(plan)
      return exchange.reply(200, headers, body)
  }
}

const blockPage = `<!DOCTYPE html>
<html lang="en-US"><head><title>Access denied | Cloudflare</title></head>
<body><h1>Error 1015</h1><p>You are being rate limited</p><p>error code: 1015</p></body></html>
`

const maintenancePage = `<!DOCTYPE html>
<html><head><title>Just a moment...</title></head><body>Checking your browser.</body></html>
`

const html: Headers = { 'content-type': 'text/html; charset=UTF-8' }

/** Plays a fault that knows nothing of the provider's protocol; false when it is none of those. */
export async function playRaw(
  exchange: Exchange,
  fault: ScriptedFault,
  record: CallRecord | undefined,
  dice: Dice,
): Promise<boolean> {
  const reply = async (status: number, headers: Headers, body: string | Buffer): Promise<boolean> => {
    if (record !== undefined) record.entry.status = status
    record?.settle(status >= 400 ? 'refused' : 'failed', fault.kind)
    await exchange.reply(status, { ...headers, ...fault.headers }, body)
    return true
  }
  switch (fault.kind) {
    case 'edge-block':
      return reply(fault.status ?? 429, html, fault.body ?? blockPage)
    case 'html-200':
      return reply(fault.status ?? 200, html, fault.body ?? maintenancePage)
    case 'garbage-200': {
      const type = fault.contentType ?? 'application/json'
      return reply(fault.status ?? 200, { 'content-type': type }, Buffer.from(dice.hex(512), 'hex'))
    }
    case 'custom': {
      const type = fault.contentType ?? 'application/json'
      return reply(fault.status ?? 500, { 'content-type': type }, fault.body ?? '')
    }
    case 'reset':
      record?.settle('failed', fault.kind)
      exchange.reset()
      return true
    case 'stall':
      if (fault.at !== 'before-headers') return false
      await exchange.untilGone()
      return true
    case 'no-headers':
      await exchange.untilGone()
      return true
    default:
      return false
  }
}
