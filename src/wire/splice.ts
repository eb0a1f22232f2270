import type { Json } from '../chat/types.ts'

/** Where the top-level members of a JSON object stand in its bytes. */
export interface Members {
  /** Value spans by name, `end` exclusive. */
  readonly spans: ReadonlyMap<string, { readonly start: number; readonly end: number }>
  /** Offset just after the opening brace. */
  readonly open: number
  /** A name that stands twice, if any: parsers disagree on which one counts. */
  readonly duplicate: string | undefined
  /** Deepest nesting of arrays and objects. */
  readonly depth: number
}

const quote = 0x22
const backslash = 0x5c

/** `bytes` must hold a JSON object that a parser has accepted: this only finds its members, it does not check syntax. */
export function scanMembers(bytes: Buffer): Members {
  const spans = new Map<string, { start: number; end: number }>()
  let duplicate: string | undefined
  let depth = 0
  let deepest = 0
  let open = 0
  let name: string | undefined
  let valueStart = -1

  const close = (end: number): void => {
    if (name === undefined || valueStart === -1) return
    if (spans.has(name)) duplicate ??= name
    spans.set(name, { start: valueStart, end: trimEnd(bytes, end) })
    name = undefined
    valueStart = -1
  }

  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]
    if (byte === quote) {
      const end = stringEnd(bytes, at)
      if (depth === 1) {
        if (name === undefined) name = readName(bytes, at, end)
        else if (valueStart === -1) valueStart = at
      }
      at = end - 1
    } else if (byte === 0x7b || byte === 0x5b) {
      if (depth === 0) open = at + 1
      else if (depth === 1 && valueStart === -1) valueStart = at
      depth++
      if (depth > deepest) deepest = depth
    } else if (byte === 0x7d || byte === 0x5d) {
      depth--
      if (depth === 0) close(at)
    } else if (depth === 1) {
      if (byte === 0x2c) close(at)
      else if (name !== undefined && valueStart === -1 && byte !== 0x3a && !isSpace(byte)) valueStart = at
    }
  }
  return { spans, open, duplicate, depth: deepest }
}

/**
 * The same object with some top-level members set, sharing every other byte. Members that do not stand in it yet are
 * put first; `undefined` leaves a member as it is.
 */
export function splice(
  bytes: Buffer,
  members: Members,
  patch: Readonly<Record<string, Json | undefined>>,
): Uint8Array[] {
  const replaced: { start: number; end: number; text: string }[] = []
  const added: string[] = []
  for (const [name, value] of Object.entries(patch)) {
    if (value === undefined) continue
    const span = members.spans.get(name)
    if (span === undefined) added.push(`${JSON.stringify(name)}:${JSON.stringify(value)}`)
    else replaced.push({ ...span, text: JSON.stringify(value) })
  }
  if (replaced.length === 0 && added.length === 0) return [bytes]
  replaced.sort((left, right) => left.start - right.start)

  const slices: Uint8Array[] = [bytes.subarray(0, members.open)]
  if (added.length > 0) slices.push(Buffer.from(added.join(',') + (members.spans.size > 0 ? ',' : '')))
  let from = members.open
  for (const { start, end, text } of replaced) {
    slices.push(bytes.subarray(from, start), Buffer.from(text))
    from = end
  }
  slices.push(bytes.subarray(from))
  return slices
}

/** Offset just after the closing quote of the string that opens at `start`. */
function stringEnd(bytes: Buffer, start: number): number {
  let at = start + 1
  while (at < bytes.length) {
    const byte = bytes[at]
    if (byte === quote) return at + 1
    at += byte === backslash ? 2 : 1
  }
  return bytes.length
}

function readName(bytes: Buffer, start: number, end: number): string {
  // A name may be written with escapes ("mod\u0065l"); it must not slip past a comparison that way.
  return JSON.parse(bytes.toString('utf8', start, end)) as string
}

function trimEnd(bytes: Buffer, end: number): number {
  let at = end
  while (at > 0 && isSpace(bytes[at - 1])) at--
  return at
}

function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09
}
