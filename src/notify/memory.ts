import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import type { Log } from '../routing/settings.ts'
import type { Told } from './changes.ts'
import { noticeKinds } from './notice.ts'

/** Keeps what has been told from one process to the next, so that a restart repeats nothing and ends are still told. */
export interface Memory {
  read(): readonly Told[]
  write(told: readonly Told[]): void
}

/** More than could be true at once; a file that holds more was not written here. */
const maxTold = 10_000

export function fileMemory(path: string, log: Log): Memory {
  let last = ''
  return {
    read() {
      try {
        last = readFileSync(path, 'utf8')
        const rows: unknown = JSON.parse(last)
        return Array.isArray(rows) ? rows.filter(isTold).slice(0, maxTold) : []
      } catch {
        // None yet, or damaged: at the worst something is told twice.
        return []
      }
    },
    write(told) {
      const text = JSON.stringify(told)
      if (text === last) return
      last = text
      try {
        // Renamed into place: a crash leaves the old one or the new one.
        writeFileSync(`${path}.new`, text, { mode: 0o600 })
        renameSync(`${path}.new`, path)
      } catch (error) {
        log.warn('what has been told by messages could not be written down; a restart may repeat it', {
          error: error instanceof Error && 'code' in error ? String(error.code) : 'unknown',
        })
      }
    },
  }
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
  const { kind, words } = over as { kind?: unknown; words?: { title?: unknown; lines?: unknown } | null }
  return (
    typeof kind === 'string' &&
    kind in noticeKinds &&
    typeof words?.title === 'string' &&
    Array.isArray(words.lines) &&
    words.lines.every((line) => typeof line === 'string')
  )
}
