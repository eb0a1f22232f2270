import { RouterError } from '../errors.ts'

/** Rows lost are told at once, then summed up for this long, so that a dead disk does not flood a log. */
const everyMs = 1000

/** Counts lost rows and tells about them. */
export interface LossReport {
  add(rows: number, why: string): void
  /** Tells what has not been told yet. */
  end(): void
}

/** A report about one ledger file. */
export function createLossReport(path: string, onError: (error: RouterError) => void): LossReport {
  let lost = 0
  let lastWhy = ''
  let pause: NodeJS.Timeout | undefined
  const tell = (): void => {
    if (lost === 0) return
    const text = `${lost} ${lost === 1 ? 'row' : 'rows'} of the ledger "${path}" could not be kept: ${lastWhy}`
    lost = 0
    onError(new RouterError('store_failed', text))
  }
  return {
    add: (rows, why) => {
      lost += rows
      lastWhy = why
      if (pause !== undefined) return
      tell()
      pause = setTimeout(() => {
        pause = undefined
        tell()
      }, everyMs).unref()
    },
    end: () => {
      clearTimeout(pause)
      pause = undefined
      tell()
    },
  }
}
