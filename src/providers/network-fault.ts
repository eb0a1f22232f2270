import type { Fault, FaultKind, FaultScope } from './provider.ts'

interface Meaning {
  readonly kind: FaultKind
  readonly scope: FaultScope
  readonly message: string
  /** No connection came about, so no byte of the call left. */
  readonly unsent?: true
}

const resolve: Meaning = {
  kind: 'network',
  scope: 'provider',
  message: 'the host name could not be resolved',
  unsent: true,
}
const unreachable: Meaning = {
  kind: 'network',
  scope: 'provider',
  message: 'the host could not be reached',
  unsent: true,
}
const slowConnect: Meaning = {
  kind: 'timeout',
  scope: 'provider',
  message: 'connecting took too long',
  unsent: true,
}
const silent: Meaning = { kind: 'timeout', scope: 'model', message: 'no answer came in time' }
const aborted: Meaning = { kind: 'aborted', scope: 'request', message: 'the call was aborted' }
const tls: Meaning = {
  kind: 'network',
  scope: 'provider',
  message: 'the secure connection was refused (TLS)',
  unsent: true,
}
/** Out of sockets or ports: our own shortage says nothing about the provider. */
const ours: Meaning = {
  kind: 'network',
  scope: 'request',
  message: 'no connection could be opened from here',
  unsent: true,
}
/**
 * One cut connection blames nobody: a server that restarts or closes an idle connection drops healthy calls as well, and
 * which key or model it carried is chance. The retry budget bounds the cost when it happens again.
 */
const cut: Meaning = { kind: 'network', scope: 'request', message: 'the connection was cut' }
const broken: Meaning = {
  kind: 'broken-stream',
  scope: 'request',
  message: 'the answer broke the rules of HTTP',
}

/** Blames nobody for the same reason; the code, if there is one, is left for people to look up. */
const unexplained: Meaning = { kind: 'network', scope: 'request', message: 'the call failed on its way' }

const byCode: Readonly<Record<string, Meaning>> = {
  ENOTFOUND: resolve,
  EAI_AGAIN: resolve,
  EAI_FAIL: resolve,
  ECONNREFUSED: unreachable,
  EHOSTUNREACH: unreachable,
  EHOSTDOWN: unreachable,
  ENETUNREACH: unreachable,
  ENETDOWN: unreachable,
  ETIMEDOUT: slowConnect,
  UND_ERR_CONNECT_TIMEOUT: slowConnect,
  UND_ERR_HEADERS_TIMEOUT: silent,
  UND_ERR_BODY_TIMEOUT: silent,
  UND_ERR_ABORTED: aborted,
  ABORT_ERR: aborted,
  EMFILE: ours,
  ENFILE: ours,
  ENOBUFS: ours,
  EADDRNOTAVAIL: ours,
  ECONNRESET: cut,
  ECONNABORTED: cut,
  EPIPE: cut,
  UND_ERR_SOCKET: cut,
  UND_ERR_HEADERS_OVERFLOW: broken,
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: broken,
  UND_ERR_RES_EXCEEDED_MAX_SIZE: broken,
}

/** Families of codes: OpenSSL and certificate checks, the HTTP parser, zlib. */
const byFamily: readonly (readonly [RegExp, Meaning])[] = [
  [/^(?:ERR_TLS|ERR_SSL|CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|HOSTNAME_MISMATCH|EPROTO$)/, tls],
  [/^(?:HPE_|UND_ERR_INVALID|Z_)/, broken],
]

const codeShape = /^[A-Z][A-Z0-9_]{1,60}$/
/** Errors wrap errors (`fetch failed` has its reason in `cause`); a longer chain than this is a loop. */
const maxDepth = 6

/**
 * Judges a transport failure: an error thrown instead of an answer. The message is made of our own words and the error's
 * code only, because the error's own text can hold addresses and headers.
 */
export function networkFault(error: unknown): Fault {
  const { code, meaning } = explain(error, 0) ?? { code: readCode(error), meaning: unexplained }
  return {
    rule: code === undefined ? meaning.kind : `${meaning.kind}:${code}`,
    kind: meaning.kind,
    scope: meaning.scope,
    lane: 'all',
    message: code === undefined ? meaning.message : `${meaning.message} (${code})`,
    stated: false,
    ...(meaning.unsent && { unsent: true }),
  }
}

/** The error's code, when it looks like one. */
function readCode(error: unknown): string | undefined {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined
  return typeof code === 'string' && codeShape.test(code) ? code : undefined
}

interface Explained {
  readonly code: string | undefined
  readonly meaning: Meaning
}

/** The first link of the chain that says something known: the error itself, what caused it, or one it collects. */
function explain(error: unknown, depth: number): Explained | undefined {
  if (typeof error !== 'object' || error === null || depth > maxDepth) return undefined
  const { name, cause, errors } = error as Record<'name' | 'cause' | 'errors', unknown>
  const code = readCode(error)
  if (code !== undefined) {
    const meaning = byCode[code] ?? byFamily.find(([family]) => family.test(code))?.[1]
    if (meaning !== undefined) return { code, meaning }
  }
  const inner = explain(cause, depth + 1)
  if (inner !== undefined) return inner
  // A host with several addresses fails with one error per address; they hardly ever differ.
  const first = Array.isArray(errors) ? explain(errors[0], depth + 1) : undefined
  if (first !== undefined) return first
  // Only Node and this package make a DOMException, so its words are safe to show: they say which limit ran out.
  const words = error instanceof DOMException && error.message !== '' ? error.message : undefined
  if (name === 'TimeoutError') {
    return { code: undefined, meaning: words === undefined ? silent : { ...silent, message: words } }
  }
  return name === 'AbortError' ? { code: undefined, meaning: aborted } : undefined
}
