import type { Notice, NoticeKind } from './notice.ts'

/** What became of one try to send. `retry`: the same message may go through later. */
export type Sent =
  | { readonly ok: true; readonly detail: string }
  | { readonly ok: false; readonly detail: string; readonly retry: boolean; readonly afterMs?: number }

/** A place that takes messages. */
export interface Target {
  /** For people; never an address, which may be a secret. */
  readonly name: string
  /** Whether several messages at once are one for it: yes for people, no for programs. */
  readonly digests: boolean
  /** Bounded in time; never rejects. `detail` holds no secret. */
  send(notice: Notice): Promise<Sent>
}

/** A target with what the operator wants to hear there. */
export interface Subscription {
  readonly target: Target
  /** Undefined: everything. */
  readonly events: ReadonlySet<NoticeKind> | undefined
  /** Whether quiet hours hold here. */
  readonly quiet: boolean
}
