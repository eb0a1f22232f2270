import { z } from 'zod'
import { providers } from '../providers/index.ts'
import { dayNames, minuteOfDay, type PriceSetting } from '../providers/prices.ts'
import { type FileNotify, notifySchema } from './notify-schema.ts'
import { parseBaseUrl } from '../routing/base-url.ts'

/** What may stand in `switchyard.yaml`. Everything is optional. The schema below is checked against these types by the compiler. */
export interface FileConfig {
  server?: FileServer | undefined
  /** By provider name; one that is not built in has `compatible`. */
  providers?: Record<string, FileProvider | FileCompatible | undefined> | undefined
  routing?: FileRouting | undefined
  /** Models by other names; `claude-*` stands for all that begin so. */
  aliases?: Record<string, string> | undefined
  policy?: FilePolicy | undefined
  clients?: FileClient[] | undefined
  ledger?: FileLedger | undefined
  /** Read by the gateway only. */
  notify?: FileNotify | undefined
  log?: LogLevel | undefined
  /** Whether requests are told to an OpenTelemetry SDK. */
  traces?: boolean | undefined
}

/** `silent`: nothing; `warn`: what somebody should look at; `info`: news as well, of which there is none yet. */
export type LogLevel = (typeof logLevels)[number]

export const logLevels = ['silent', 'warn', 'info'] as const

export interface FileServer {
  host?: string | undefined
  port?: number | undefined
  apiKey?: string | undefined
  apiKeyFile?: string | undefined
  /** For the metrics page only. */
  metricsKey?: string | undefined
  metricsKeyFile?: string | undefined
  allowedHosts?: string[] | undefined
  allowedOrigins?: string[] | undefined
  maxBodyMiB?: number | undefined
}

export interface FileProvider {
  baseUrl?: string | undefined
  auto?: string | undefined
  autoModel?: string | undefined
  /** Accounts one after the other, or in turn. */
  spread?: 'in-order' | 'evenly' | undefined
  keys?: FileKey[] | undefined
  limits?:
    | { minute?: number | undefined; day?: number | undefined; inFlight?: number | undefined }
    | undefined
  /** By model. */
  prices?: Record<string, PriceSetting> | undefined
  /** When the prices were looked up. */
  pricesVersion?: string | undefined
}

/** A service that speaks OpenAI's chat API; its other members are read with the provider. */
export interface FileCompatible {
  compatible: string
  keys?: FileKey[] | undefined
  [member: string]: unknown
}

export interface FilePolicy {
  freeOnly?: boolean | undefined
  ceilings?: FileCeiling[] | undefined
  reserve?: { share: number; clients: string[] } | undefined
}

/** At least one of the two amounts is given. */
export interface FileCeiling {
  lane?: 'included' | 'paid' | undefined
  client?: string | undefined
  usdPerDay?: number | undefined
  usdPerMonth?: number | undefined
}

/** Exactly one of `key`, `keyFile` and `keyEnv` is given. */
export interface FileClient {
  name: string
  key?: string | undefined
  keyFile?: string | undefined
  keyEnv?: string | undefined
  freeOnly?: boolean | undefined
  usdPerDay?: number | undefined
  usdPerMonth?: number | undefined
}

/** Exactly one of `key`, `keyFile` and `keyEnv` is given. */
export interface FileKey {
  name?: string | undefined
  key?: string | undefined
  keyFile?: string | undefined
  keyEnv?: string | undefined
  account?: string | undefined
}

/** For how many days what is kept. */
export interface FileLedger {
  keepDays?:
    | {
        attempts?: Days | undefined
        hours?: Days | undefined
        days?: Days | undefined
        comparisons?: Days | undefined
      }
    | undefined
}

type Days = number | 'forever'

export interface FileRouting {
  attempts?: number | undefined
  deadlineSeconds?: number | undefined
  connectSeconds?: number | undefined
  firstContentSeconds?: number | undefined
  wholeSeconds?: number | undefined
  idleSeconds?: number | undefined
  totalSeconds?: number | undefined
  slotWaitSeconds?: number | undefined
  maxWaitSeconds?: number | undefined
}

// Strict everywhere: a misspelt setting must not be ignored in silence.

const count = z.int().min(1)
const seconds = z.number().min(1).max(3600)

const wantedDays = { error: 'a whole number of days from 1 to 36500, or "forever"' }
const days = z
  .union([z.number(), z.literal('forever')], wantedDays)
  .refine(
    (given) => given === 'forever' || (Number.isInteger(given) && given >= 1 && given <= 36_500),
    wantedDays,
  )

const usd = z.number().min(0).max(1_000_000)
const name = z.string().regex(/^[\w.-]{1,60}$/, 'a name of letters, digits, "_", "." or "-"')
const sources = { key: z.string().optional(), keyFile: z.string().optional(), keyEnv: z.string().optional() }

function fromOneSource(entry: Pick<FileKey, 'key' | 'keyFile' | 'keyEnv'>): boolean {
  return [entry.key, entry.keyFile, entry.keyEnv].filter((given) => given !== undefined).length === 1
}

const oneSource = { error: 'give exactly one of "key", "keyFile" or "keyEnv"' }

const key = z
  .strictObject({ name: name.optional(), ...sources, account: z.string().min(1).optional() })
  .refine(fromOneSource, oneSource)

const client = z
  .strictObject({
    name,
    ...sources,
    freeOnly: z.boolean().optional(),
    usdPerDay: usd.optional(),
    usdPerMonth: usd.optional(),
  })
  .refine(fromOneSource, oneSource)

const ceiling = z
  .strictObject({
    lane: z.enum(['included', 'paid']).optional(),
    client: z.string().min(1).optional(),
    usdPerDay: usd.optional(),
    usdPerMonth: usd.optional(),
  })
  .refine((entry) => entry.usdPerDay !== undefined || entry.usdPerMonth !== undefined, {
    error: 'give "usdPerDay", "usdPerMonth" or both',
  })

const time = z
  .string()
  .refine((text) => Number.isFinite(minuteOfDay(text)), { error: 'a time such as "12:00"' })

const price = z.strictObject({
  inputUsdPerMillion: usd,
  outputUsdPerMillion: usd,
  cachedUsdPerMillion: usd.optional(),
  peak: z
    .strictObject({
      factor: z.number().gt(0).max(1000),
      days: z.array(z.enum(dayNames)).min(1).optional(),
      from: time,
      until: time,
    })
    .refine(({ from, until }) => minuteOfDay(from) < minuteOfDay(until), {
      error: '"from" must be before "until" (UTC; "24:00" is midnight)',
    })
    .optional(),
})

const provider = z.strictObject({
  baseUrl: z
    .string()
    .refine((text) => parseBaseUrl(text) !== undefined, {
      error: 'an http or https address, without user, password, query or fragment',
    })
    .optional(),
  auto: z.string().min(1).optional(),
  autoModel: z.string().min(1).optional(),
  spread: z.enum(['in-order', 'evenly']).optional(),
  keys: z.array(key).optional(),
  limits: z
    .strictObject({ minute: count.optional(), day: count.optional(), inFlight: count.optional() })
    .optional(),
  prices: z.record(z.string(), price).optional(),
  pricesVersion: z.string().min(1).max(40).optional(),
})

const compatible = z.looseObject({
  compatible: z.string(),
  keys: z.array(key).optional(),
})

export const fileSchema: z.ZodType<FileConfig> = z.strictObject({
  server: z
    .strictObject({
      host: z.string().min(1).optional(),
      port: z.int().min(0).max(65535).optional(),
      apiKey: z.string().optional(),
      apiKeyFile: z.string().optional(),
      metricsKey: z.string().optional(),
      metricsKeyFile: z.string().optional(),
      allowedHosts: z.array(z.string().min(1)).optional(),
      allowedOrigins: z.array(z.string().min(1)).optional(),
      maxBodyMiB: z.number().min(0.001).max(1024).optional(),
    })
    .refine((server) => server.apiKey === undefined || server.apiKeyFile === undefined, {
      error: 'give either "apiKey" or "apiKeyFile"',
    })
    .refine((server) => server.metricsKey === undefined || server.metricsKeyFile === undefined, {
      error: 'give either "metricsKey" or "metricsKeyFile"',
    })
    .optional(),
  providers: z
    .object(Object.fromEntries(providers.map((each) => [each.name, provider.optional()])))
    .catchall(compatible)
    .optional(),
  routing: z
    .strictObject({
      attempts: z.int().min(1).max(50).optional(),
      deadlineSeconds: seconds.optional(),
      connectSeconds: seconds.optional(),
      firstContentSeconds: seconds.optional(),
      wholeSeconds: seconds.optional(),
      idleSeconds: seconds.optional(),
      totalSeconds: seconds.optional(),
      slotWaitSeconds: seconds.optional(),
      maxWaitSeconds: z.number().min(0).max(3600).optional(),
    })
    .optional(),
  aliases: z
    .record(
      z.string().regex(/^[^*\s]{0,100}\*?$/, 'a name, or the beginning of names and "*"'),
      z.string().trim().min(1).max(200),
    )
    .optional(),
  policy: z
    .strictObject({
      freeOnly: z.boolean().optional(),
      ceilings: z.array(ceiling).optional(),
      reserve: z.strictObject({ share: z.number().min(0).max(1), clients: z.array(name) }).optional(),
    })
    .optional(),
  clients: z.array(client).optional(),
  ledger: z
    .strictObject({
      keepDays: z
        .strictObject({
          attempts: days.optional(),
          hours: days.optional(),
          days: days.optional(),
          comparisons: days.optional(),
        })
        .optional(),
    })
    .optional(),
  notify: notifySchema.optional(),
  log: z.enum(logLevels).optional(),
  traces: z.boolean().optional(),
})
