import pino from 'pino'
import type { Environment } from '../config/environment.ts'
import { type FileConfig, type LogLevel, logLevels } from '../config/schema.ts'
import { ConfigError } from '../errors.ts'
import type { Log } from '../routing/settings.ts'

/** `SWITCHYARD_LOG`, else the file's `log`, else `fallback`. Throws ConfigError. */
export function logLevel(environment: Environment, file: FileConfig, fallback: LogLevel): LogLevel {
  const given = environment['SWITCHYARD_LOG']?.trim() ?? ''
  if (given === '') return file.log ?? fallback
  const known = logLevels.find((level) => level === given.toLowerCase())
  if (known !== undefined) return known
  throw new ConfigError(`SWITCHYARD_LOG must be one of ${logLevels.join(', ')}; got "${given.slice(0, 20)}"`)
}

/** One JSON object a line on stderr. */
export function createLog(level: LogLevel): Log {
  // Sync: a warning must be out before the process that wrote it dies. The router logs no request by itself.
  const logger = pino({ level, base: null }, pino.destination({ fd: 2, sync: true }))
  return {
    info: (message, facts) => logger.info(facts ?? {}, message),
    warn: (message, facts) => logger.warn(facts ?? {}, message),
  }
}
