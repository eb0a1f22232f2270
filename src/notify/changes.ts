import { shownLength } from './times.ts'
import { type Notice, type NoticeKind, urgentKinds, type Words } from './notice.ts'

/** Something that is so now and worth a message once. */
export interface Condition {
  /** Of all that is so at one time, only one has this name: `pool/openrouter`. */
  readonly subject: string
  readonly kind: NoticeKind
  /** A higher one is worth another message, a lower one is not. Default 1. */
  readonly level?: number
  readonly words: Words
  readonly until?: number
  /** Told when it is over; left out: its end is no news. */
  readonly over?: Ending
  /** Epoch milliseconds until which it counts as told although nothing shows it any more. */
  readonly keepUntil?: number
}

export interface Ending {
  readonly kind: NoticeKind
  readonly words: Words
}

/** A condition that has been told, as it is remembered, also from one process to the next. */
export interface Told {
  readonly subject: string
  readonly level: number
  /** Epoch milliseconds. */
  readonly since: number
  readonly over?: Ending
  readonly keepUntil?: number
}

/**
 * What is new and what is over, given what has been told and what is so now. What is still so is not told again; an end
 * is told once.
 */
export function changes(
  told: readonly Told[],
  conditions: readonly Condition[],
  now: number,
): { readonly notices: readonly Notice[]; readonly told: readonly Told[] } {
  const before = new Map(told.map((each) => [each.subject, each]))
  const after = new Map<string, Told>()
  const began: Notice[] = []
  for (const condition of conditions) {
    const { subject, level = 1 } = condition
    const known = before.get(subject)
    if (known !== undefined && level <= known.level) {
      after.set(subject, known)
      continue
    }
    began.push(noticeOf(condition, now))
    after.set(subject, remembered(condition, level, known?.since ?? now))
  }
  const ended: Notice[] = []
  for (const known of told) {
    const { subject, over, keepUntil = 0 } = known
    if (after.has(subject)) continue
    if (now < keepUntil) after.set(subject, known)
    else if (over !== undefined) ended.push(endOf(known, over, now))
  }
  return { notices: [...ended, ...began], told: [...after.values()] }
}

function noticeOf({ subject, kind, words, until }: Condition, now: number): Notice {
  const urgent = urgentKinds.includes(kind)
  return { ...words, kind, subject, urgent, at: now, ...(until === undefined ? {} : { until }) }
}

function endOf({ subject, since }: Told, { kind, words }: Ending, now: number): Notice {
  const lines = [...words.lines, `It lasted ${shownLength(now - since)}.`]
  return { title: words.title, lines, kind, subject, urgent: false, at: now }
}

function remembered({ subject, over, keepUntil }: Condition, level: number, since: number): Told {
  return {
    subject,
    level,
    since,
    ...(over === undefined ? {} : { over }),
    ...(keepUntil === undefined ? {} : { keepUntil }),
  }
}
