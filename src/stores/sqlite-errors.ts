import { ConfigError, RouterError } from '../errors.ts'

/** SQLite's primary result code of an error of node:sqlite; undefined for any other error. */
function readResultCode(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('errcode' in error)) return undefined
  return typeof error.errcode === 'number' ? error.errcode & 0xff : undefined
}

// https://www.sqlite.org/rescode.html: TOOBIG, CONSTRAINT, MISMATCH, RANGE.
const rowCodes: ReadonlySet<number> = new Set([18, 19, 20, 25])

/** True when the row itself is at fault: trying it again would block every row behind it for ever. */
export function isRowFault(error: unknown): boolean {
  const code = readResultCode(error)
  // An error without a result code is a value that node:sqlite could not bind.
  return code === undefined || rowCodes.has(code)
}

/** What went wrong with a ledger file, with the file's name and what to do about it. */
export function explainFailure(error: unknown, path: string): RouterError {
  if (error instanceof RouterError) return error
  const cause = error instanceof Error ? error.message : String(error)
  const options = { cause: error }
  switch (readResultCode(error)) {
    case 5:
    case 6:
      return new RouterError(
        'store_failed',
        `the ledger "${path}" is in use by another Switchyard process: stop that one, or start this one with another SWITCHYARD_HOME`,
        options,
      )
    // No result code: the file system said no before SQLite was asked.
    case undefined:
    case 3:
    case 8:
    case 14:
    case 23:
      return new ConfigError(
        `the ledger "${path}" cannot be opened for writing (${cause}): make the file and its directory writable for this user, or choose another path`,
        options,
      )
    case 11:
    case 26:
      return damaged(path, cause, options)
    case 13:
      return new RouterError(
        'store_failed',
        `the ledger "${path}" cannot be written, the disk is full (${cause}): free some space`,
        options,
      )
    default:
      return new RouterError(
        'store_failed',
        `the ledger "${path}" cannot be used (${cause}): check the disk it is on`,
        options,
      )
  }
}

/** A file that is there but cannot be trusted. It is never repaired or replaced by us. */
export function damaged(path: string, what: string, options?: { readonly cause?: unknown }): RouterError {
  return new RouterError(
    'store_failed',
    `the ledger "${path}" is damaged or no SQLite database (${what.replaceAll('\n', ' ')}): nothing in it was changed; restore a backup, or move it aside to start a new one`,
    options,
  )
}
