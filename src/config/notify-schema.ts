import { z } from 'zod'
import { type NoticeKind, noticeKinds } from '../notify/notice.ts'
import { isZone } from '../notify/times.ts'
import { minuteOfDay } from '../providers/prices.ts'

/** `notify` in the config file. */
export interface FileNotify {
  targets?: FileTarget[] | undefined
  quiet?: FileQuiet | undefined
  forecastMinutes?: number | undefined
  differencePercent?: number | undefined
}

export interface FileQuiet {
  from: string
  until: string
  zone?: string | undefined
  except?: NoticeKind[] | undefined
}

interface AnyTarget {
  name?: string | undefined
  events?: NoticeKind[] | undefined
  quiet?: boolean | undefined
}

/** A text, a file that holds it, or a variable that does: at most one of the three. */
type FromSource<Name extends string> = {
  [Key in Name | `${Name}File` | `${Name}Env`]?: string | undefined
}

interface AtAddress extends AnyTarget, FromSource<'url'> {
  allowHttp?: boolean | undefined
}

export type FileTarget =
  | (AnyTarget & { type: 'stderr'; bell?: boolean | undefined; desktop?: boolean | undefined })
  | (AnyTarget & { type: 'desktop' })
  | (AtAddress & FromSource<'secret'> & { type: 'webhook' })
  | (AtAddress & { type: 'slack' | 'discord' })
  | (AtAddress & FromSource<'token'> & { type: 'ntfy' })
  | (AnyTarget &
      FromSource<'token'> & {
        type: 'telegram'
        chat: string | number
        server?: string | undefined
        allowHttp?: boolean | undefined
      })
  | (AnyTarget &
      FromSource<'user'> &
      FromSource<'password'> & {
        type: 'smtp'
        host: string
        port?: number | undefined
        security?: 'tls' | 'starttls' | 'none' | undefined
        from: string
        to: string | string[]
      })

const text = z.string().min(1)
const kinds = z.array(z.enum(Object.keys(noticeKinds) as NoticeKind[])).min(1)
const time = text.refine((given) => minuteOfDay(given) < 1440, { error: 'a time such as "22:00"' })
const address = text.regex(
  /^[^\s@<>,;"]{1,64}@[^\s@<>,;"]{1,255}$/,
  'an e-mail address such as "ops@example.org"',
)

const common = {
  name: text.regex(/^[\w.-]{1,60}$/, 'a name of letters, digits, "_", "." or "-"').optional(),
  events: kinds.optional(),
  quiet: z.boolean().optional(),
}
const urlSources = { url: text.optional(), urlFile: text.optional(), urlEnv: text.optional() }
const secretSources = { secret: text.optional(), secretFile: text.optional(), secretEnv: text.optional() }
const tokenSources = { token: text.optional(), tokenFile: text.optional(), tokenEnv: text.optional() }
const userSources = { user: text.optional(), userFile: text.optional(), userEnv: text.optional() }
const passwordSources = {
  password: text.optional(),
  passwordFile: text.optional(),
  passwordEnv: text.optional(),
}
const atAddress = { ...common, ...urlSources, allowHttp: z.boolean().optional() }

const target = z.discriminatedUnion(
  'type',
  [
    z.strictObject({
      type: z.literal('stderr'),
      ...common,
      bell: z.boolean().optional(),
      desktop: z.boolean().optional(),
    }),
    z.strictObject({ type: z.literal('desktop'), ...common }),
    z.strictObject({ type: z.literal('webhook'), ...atAddress, ...secretSources }),
    z.strictObject({ type: z.literal('slack'), ...atAddress }),
    z.strictObject({ type: z.literal('discord'), ...atAddress }),
    z.strictObject({ type: z.literal('ntfy'), ...atAddress, ...tokenSources }),
    z.strictObject({
      type: z.literal('telegram'),
      ...common,
      ...tokenSources,
      chat: z.union([text, z.int()], { error: 'the id of a chat, or "@name" of a channel' }),
      server: text.optional(),
      allowHttp: z.boolean().optional(),
    }),
    z.strictObject({
      type: z.literal('smtp'),
      ...common,
      ...userSources,
      ...passwordSources,
      host: text.regex(/^[\w.:-]{1,255}$/, 'a host name'),
      port: z.int().min(1).max(65_535).optional(),
      security: z.enum(['tls', 'starttls', 'none']).optional(),
      from: address,
      to: z.union([address, z.array(address).min(1).max(50)], {
        error: 'an e-mail address, or a list of them',
      }),
    }),
  ],
  { error: 'one of stderr, desktop, webhook, slack, discord, telegram, ntfy, smtp' },
)

export const notifySchema: z.ZodType<FileNotify> = z.strictObject({
  targets: z.array(target).max(50).optional(),
  quiet: z
    .strictObject({
      from: time,
      until: time,
      zone: text.refine(isZone, { error: 'a time zone such as "Europe/Berlin"' }).optional(),
      except: z.array(z.enum(Object.keys(noticeKinds) as NoticeKind[])).optional(),
    })
    .refine(({ from, until }) => from !== until, { error: '"from" and "until" must differ' })
    .optional(),
  forecastMinutes: z.int().min(1).max(10_080).optional(),
  differencePercent: z.number().min(0).max(1000).optional(),
})
