import type { Failure, FaultRule } from './provider.ts'

/**
 * Pages and codes of the edge before a service. They count addresses, not keys: another key would meet the same wall,
 * so the provider rests. A provider lists them before its own rules where a page could match one of those.
 */
export const edgeRules: readonly FaultRule[] = [
  {
    id: 'edge-page',
    status: [200, 403, 429],
    mark: 'page',
    kind: 'blocked',
    scope: 'provider',
    rests: 'short',
  },
  {
    // Cloudflare in plain text, e.g. "error code: 1015" for too many requests.
    id: 'edge-code',
    status: [403, 429],
    message: /^error code: 1\d{3}\b/i,
    kind: 'blocked',
    scope: 'provider',
    rests: 'short',
  },
]

/**
 * What a status means when no rule of the provider knows better. The narrowest subject that explains the answer rests:
 * too narrow costs one more refused call, too wide takes healthy capacity away.
 */
export const statusRules: readonly FaultRule[] = [
  ...edgeRules,
  {
    // Never followed, as that would carry the key to another host; every key would be sent the same way.
    id: 'redirected',
    status: [300, 301, 302, 303, 307, 308],
    kind: 'blocked',
    scope: 'provider',
    rests: 'short',
  },
  // A key is retired for good only on the service's own word, not on a page of something in between.
  {
    id: 'unauthorized-page',
    status: [401, 407],
    mark: 'unshaped',
    kind: 'credential',
    scope: 'key',
    rests: 'hour',
  },
  { id: 'unauthorized', status: 401, kind: 'credential', scope: 'key', rests: 'released' },
  { id: 'payment', status: 402, kind: 'credits', scope: 'account-model', rests: 'hour' },
  { id: 'forbidden', status: 403, kind: 'forbidden-model', scope: 'account-model', rests: 'hour' },
  { id: 'not-found', status: [404, 410], kind: 'no-model', scope: 'account-model', rests: 'short' },
  { id: 'slow', status: [408, 504, 522, 524], kind: 'timeout', scope: 'model', rests: 'short' },
  {
    id: 'bad-request',
    status: [400, 405, 406, 409, 411, 412, 413, 414, 415, 422, 431],
    kind: 'bad-request',
    scope: 'request',
  },
  { id: 'too-many', status: 429, kind: 'rate', scope: 'account-model', rests: 'short' },
  // A server error hardly ever depends on the key; blaming the model stops the walk through all of them.
  {
    id: 'server',
    status: [500, 501, 502, 503, 520, 521, 523, 525, 526, 527, 529, 530],
    kind: 'busy',
    scope: 'model',
    rests: 'short',
  },
]

/**
 * The last resort. One odd body says nothing about other models or accounts, and a request that all of them refuse is
 * ended by its retry budget, so only this account with this model rests, and only for a short time.
 */
export const unknownRule: FaultRule = {
  id: 'unknown',
  kind: 'unknown',
  scope: 'account-model',
  rests: 'short',
}

/** Whether all conditions of a rule hold. */
export function matches(rule: FaultRule, failure: Failure): boolean {
  if (typeof rule.status === 'number' ? rule.status !== failure.status : false) return false
  if (typeof rule.status === 'object' && !rule.status.includes(failure.status)) return false
  if (rule.source !== undefined && !failure.source?.startsWith(rule.source)) return false
  if (rule.mark !== undefined && !failure.marks.includes(rule.mark)) return false
  return rule.message === undefined || rule.message.test(failure.message)
}
