import { edgeRules } from '../fault-rules.ts'
import type { FaultRule } from '../provider.ts'

export { readFailure } from './failure.ts'

/*
 * The service says everything in English text and nothing in headers (github.com/can1357/oh-my-pi/issues/11739), so the
 * order matters: "extra usage" also stands in the session text, and a 402 or 403 can be about one model only. Sources of the texts are named in fixtures/SOURCE.md.
 */

/** What an error line in a stream is judged with: it has no status of its own. */
const inStream = [200, 502] as const
const refusals = [...inStream, 402, 403, 429] as const
const forbiddenModel = { kind: 'forbidden-model', scope: 'account-model' } as const
const modelBusy = { kind: 'busy', scope: 'model', rests: 'short' } as const

/** What an account has used up. */
const limits: readonly FaultRule[] = [
  {
    id: 'session',
    status: refusals,
    message: /reached your (?:session|hourly) usage limit/i,
    kind: 'quota',
    scope: 'account',
    rests: 'next-5h',
  },
  {
    id: 'week',
    status: refusals,
    message: /reached your weekly usage limit/i,
    kind: 'quota',
    scope: 'account',
    rests: 'next-monday',
  },
  {
    // No captured body; the wording is expected after its siblings. The true period starts on the day of purchase.
    id: 'month',
    status: refusals,
    message: /reached your monthly usage limit/i,
    kind: 'quota',
    scope: 'account',
    rests: 'next-month',
  },
  {
    // Not a quota: the request waited for a slot of its account and got none.
    id: 'slot',
    message: /concurrent request slot/i,
    kind: 'busy',
    scope: 'account',
    limit: 'in-flight',
    rests: 'short',
  },
  // New wording of a limit: the account is probed at growing distances, as nothing tells the window.
  {
    id: 'usage',
    status: 429,
    message: /\b(?:usage|quota|allowance|plan)\b/i,
    kind: 'quota',
    scope: 'account',
    rests: 'short',
  },
]

/** What an account may not use; it keeps its other models. */
const plans: readonly FaultRule[] = [
  {
    id: 'subscription',
    status: [...inStream, 402, 403],
    message: /requires a subscription/i,
    ...forbiddenModel,
    rests: 'next-day',
  },
  {
    id: 'extra-usage',
    status: [...inStream, 402, 403],
    message: /extra usage/i,
    kind: 'credits',
    scope: 'account-model',
    rests: 'hour',
  },
  { id: 'payment', status: 402, kind: 'credits', scope: 'account-model', rests: 'hour' },
  { id: 'forbidden', status: 403, ...forbiddenModel, rests: 'hour' },
]

const keys: readonly FaultRule[] = [
  // A local server that is not signed in; signing in heals it without a word to us.
  { id: 'sign-in', status: 401, mark: 'sign-in', kind: 'credential', scope: 'key', rests: 'hour' },
  // Also as plain text with a line end.
  {
    id: 'key',
    status: 401,
    message: /^unauthorized$/i,
    kind: 'credential',
    scope: 'key',
    rests: 'released',
  },
]

const requests: readonly FaultRule[] = [
  {
    // Seen on 5 to 10 % of calls through a local server; sent again the same body passes (github.com/ollama/ollama/issues/16082).
    id: 'cut-body',
    status: 400,
    message: /^(?:unexpected EOF|cannot parse request body)$/i,
    kind: 'network',
    scope: 'request',
  },
  // The model lacks what the request needs; another one may have it.
  { id: 'no-support', status: 400, message: /does not support /i, kind: 'no-model', scope: 'request' },
  {
    // A 500 in 2025 (github.com/anomalyco/opencode/issues/4327).
    id: 'output-too-long',
    status: [400, 500],
    message: /exceeds model's maximum output tokens/i,
    kind: 'bad-request',
    scope: 'request',
  },
  {
    id: 'context',
    message: /^prompt too long/i,
    kind: 'too-long',
    scope: 'request',
  },
]

const models: readonly FaultRule[] = [
  {
    id: 'no-model',
    status: [...inStream, 404],
    message: /^model .{1,300} not found/i,
    kind: 'no-model',
    scope: 'model',
    rests: 'hour',
  },
  { id: 'overloaded', message: /overloaded|temporarily unavailable|server busy/i, ...modelBusy },
  // Also sent for a withdrawn model in place of a 404 (github.com/heypinchy/pinchy/issues/304).
  { id: 'internal', status: [...inStream, 500], message: /^internal server error/i, ...modelBusy },
]

/** First match decides. */
export const faultRules: readonly FaultRule[] = [
  ...edgeRules,
  ...limits,
  ...plans,
  ...keys,
  ...requests,
  ...models,
]
