import { z } from 'zod'
import { providers } from '../providers/index.ts'
import { parseBaseUrl } from './base-url.ts'

/** What may stand in `switchyard.yaml`. Everything is optional. The schema below is checked against these types by the compiler. */
export interface FileConfig {
  server?: FileServer | undefined
  /** By provider name. */
  providers?: Record<string, FileProvider | undefined> | undefined
  routing?: FileRouting | undefined
  log?: LogLevel | undefined
}

/** `silent`: nothing; `debug`: everything. */
export type LogLevel = (typeof logLevels)[number]

export const logLevels = ['silent', 'error', 'warn', 'info', 'debug'] as const

export interface FileServer {
  host?: string | undefined
  port?: number | undefined
  apiKey?: string | undefined
  apiKeyFile?: string | undefined
  allowedHosts?: string[] | undefined
  allowedOrigins?: string[] | undefined
  maxBodyMiB?: number | undefined
}

export interface FileProvider {
  baseUrl?: string | undefined
  autoModel?: string | undefined
  keys?: FileKey[] | undefined
  limits?: { minute?: number | undefined; day?: number | undefined } | undefined
}

/** Exactly one of `key`, `keyFile` and `keyEnv` is given. */
export interface FileKey {
  name?: string | undefined
  key?: string | undefined
  keyFile?: string | undefined
  keyEnv?: string | undefined
  account?: string | undefined
}

export interface FileRouting {
  attempts?: number | undefined
  deadlineSeconds?: number | undefined
  connectSeconds?: number | undefined
  firstContentSeconds?: number | undefined
  idleSeconds?: number | undefined
  totalSeconds?: number | undefined
  slotWaitSeconds?: number | undefined
}

// Strict everywhere: a misspelt setting must not be ignored in silence.

const count = z.int().min(1)
const seconds = z.number().min(1).max(3600)

const key = z
  .strictObject({
    name: z
      .string()
      .regex(/^[\w.-]{1,60}$/, 'a name of letters, digits, "_", "." or "-"')
      .optional(),
    key: z.string().optional(),
    keyFile: z.string().optional(),
    keyEnv: z.string().optional(),
    account: z.string().min(1).optional(),
  })
  .refine(
    (entry) => [entry.key, entry.keyFile, entry.keyEnv].filter((given) => given !== undefined).length === 1,
    {
      error: 'give exactly one of "key", "keyFile" or "keyEnv"',
    },
  )

const provider = z.strictObject({
  baseUrl: z
    .string()
    .refine((text) => parseBaseUrl(text) !== undefined, {
      error: 'an http or https address, without user, password, query or fragment',
    })
    .optional(),
  autoModel: z.string().min(1).optional(),
  keys: z.array(key).optional(),
  limits: z.strictObject({ minute: count.optional(), day: count.optional() }).optional(),
})

export const fileSchema: z.ZodType<FileConfig> = z.strictObject({
  server: z
    .strictObject({
      host: z.string().min(1).optional(),
      port: z.int().min(0).max(65535).optional(),
      apiKey: z.string().optional(),
      apiKeyFile: z.string().optional(),
      allowedHosts: z.array(z.string().min(1)).optional(),
      allowedOrigins: z.array(z.string().min(1)).optional(),
      maxBodyMiB: z.number().min(0.001).max(1024).optional(),
    })
    .refine((server) => server.apiKey === undefined || server.apiKeyFile === undefined, {
      error: 'give either "apiKey" or "apiKeyFile"',
    })
    .optional(),
  providers: z
    .strictObject(Object.fromEntries(providers.map(({ name }) => [name, provider.optional()])))
    .optional(),
  routing: z
    .strictObject({
      attempts: z.int().min(1).max(50).optional(),
      deadlineSeconds: seconds.optional(),
      connectSeconds: seconds.optional(),
      firstContentSeconds: seconds.optional(),
      idleSeconds: seconds.optional(),
      totalSeconds: seconds.optional(),
      slotWaitSeconds: seconds.optional(),
    })
    .optional(),
  log: z.enum(logLevels).optional(),
})
