import type { Secret } from '../secret.ts'
import type { NoticeKind } from './notice.ts'
import type { Quiet } from './outbox.ts'
import type { SmtpSettings } from './targets/smtp.ts'

/** What an operator wants to be told, and where. Addresses are secrets too: with most services they alone let one post. */
export interface NotifySettings {
  readonly targets: readonly TargetSettings[]
  readonly quiet: Quiet | undefined
  readonly forecastMinutes: number
  readonly differencePercent: number
}

export type TargetSettings = {
  readonly name: string
  /** Undefined: everything. */
  readonly events: ReadonlySet<NoticeKind> | undefined
  /** Whether quiet hours hold here. */
  readonly quiet: boolean
} & (
  | { readonly type: 'stderr'; readonly bell: boolean; readonly desktop: boolean }
  | { readonly type: 'desktop' }
  | { readonly type: 'webhook'; readonly url: Secret; readonly secret: Secret | undefined }
  | { readonly type: 'slack' | 'discord'; readonly url: Secret }
  | { readonly type: 'telegram'; readonly token: Secret; readonly chat: string; readonly server: string }
  | { readonly type: 'ntfy'; readonly url: Secret; readonly token: Secret | undefined }
  | ({ readonly type: 'smtp' } & SmtpSettings)
)
