import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import type { Log } from '../routing/settings.ts'
import type { Told } from './changes.ts'
import { type Notice, noticeKinds } from './notice.ts'
import type { AllUnsent, Unsent } from './outbox.ts'

/** What one process leaves to the next: a restart repeats nothing, tells ends, and sends what still waited. */
export interface Remembered {
  readonly told: readonly Told[]
  readonly unsent: AllUnsent
}

/** Holds no secret: messages have none, and targets are known by their names. */
export interface Memory {
  read(): Remembered
  write(remembered: Remembered): void
}

/** More than could be true at once; a file that holds more was not written here. */
const maxTold = 10_000
/** Of one target, sent and held alike: as many as an outbox keeps. */
const maxUnsent = 100

export function fileMemory(path: string, log: Log): Memory {
  let last = ''
  let failing = false
  return {
    read() {
      try {
        last = readFileSync(path, 'utf8')
        return rememberedOf(JSON.parse(last))
      } catch {
        // None yet, or damaged: at the worst something is told twice.
        return { told: [], unsent: {} }
      }
    },
    write(remembered) {
      const text = JSON.stringify(remembered)
      if (text === last) return
      try {
        // Renamed into place: a crash leaves the old one or the new one.
        writeFileSync(`${path}.new`, text, { mode: 0o600 })
        renameSync(`${path}.new`, path)
        last = text
        failing = false
      } catch (error) {
        // It is tried again with every look; told once for each outage.
        if (!failing)
          log.warn('what has been told by messages could not be written down; a restart may repeat it', {
            error: error instanceof Error && 'code' in error ? String(error.code) : 'unknown',
          })
        failing = true
      }
    },
  }
}

function rememberedOf(file: unknown): Remembered {
  if (typeof file !== 'object' || file === null) return { told: [], unsent: {} }
  const { told, unsent } = file as Partial<Record<keyof Remembered, unknown>>
  const targets = typeof unsent === 'object' && unsent !== null ? Object.entries(unsent) : []
  return {
    told: Array.isArray(told) ? told.filter(isTold).slice(0, maxTold) : [],
    unsent: Object.fromEntries(targets.map(([name, queues]) => [name, unsentOf(queues)])),
  }
}

function unsentOf(queues: unknown): Unsent {
  const { waiting, held } = (queues ?? {}) as Partial<Record<keyof Unsent, unknown>>
  const noticesOf = (rows: unknown): readonly Notice[] =>
    Array.isArray(rows) ? rows.filter(isNotice).slice(0, maxUnsent) : []
  return { waiting: noticesOf(waiting), held: noticesOf(held) }
}

function isNotice(row: unknown): row is Notice {
  if (typeof row !== 'object' || row === null) return false
  const { kind, subject, urgent, at, heldUntil, until } = row as Partial<Record<keyof Notice, unknown>>
  return (
    typeof kind === 'string' &&
    (kind === 'digest' || Object.hasOwn(noticeKinds, kind)) &&
    typeof subject === 'string' &&
    typeof urgent === 'boolean' &&
    typeof at === 'number' &&
    (heldUntil === undefined || typeof heldUntil === 'number') &&
    (until === undefined || typeof until === 'number') &&
    isWords(row)
  )
}

function isTold(row: unknown): row is Told {
  if (typeof row !== 'object' || row === null) return false
  const { subject, level, since, over, keepUntil } = row as Partial<Record<keyof Told, unknown>>
  return (
    typeof subject === 'string' &&
    typeof level === 'number' &&
    typeof since === 'number' &&
    (keepUntil === undefined || typeof keepUntil === 'number') &&
    (over === undefined || isEnding(over))
  )
}

function isEnding(over: unknown): boolean {
  if (typeof over !== 'object' || over === null) return false
  const { kind, words } = over as { kind?: unknown; words?: unknown }
  return typeof kind === 'string' && Object.hasOwn(noticeKinds, kind) && isWords(words)
}

function isWords(words: unknown): boolean {
  if (typeof words !== 'object' || words === null) return false
  const { title, lines } = words as { title?: unknown; lines?: unknown }
  return typeof title === 'string' && Array.isArray(lines) && lines.every((line) => typeof line === 'string')
}
