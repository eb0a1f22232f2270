import pino from 'pino'
import type { Log } from '../routing/settings.ts'

/** One JSON object a line on stderr; `SWITCHYARD_LOG` sets the level (`silent` … `debug`, default `info`). */
export function createLog(level: string | undefined): Log {
  const known = level !== undefined && (level === 'silent' || level in pino.levels.values) ? level : 'info'
  // Sync: a warning must be out before the process that wrote it dies. The router logs no request by itself.
  const logger = pino({ level: known, base: null }, pino.destination({ fd: 2, sync: true }))
  return {
    info: (message, facts) => logger.info(facts ?? {}, message),
    warn: (message, facts) => logger.warn(facts ?? {}, message),
  }
}
