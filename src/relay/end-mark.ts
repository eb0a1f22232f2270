/**
 * Finds where a stream's end mark begins, so that everything before it can pass at once and the mark itself can wait
 * for the ledger. A mark that is cut by a chunk's edge is found as well; its first bytes may then have passed already,
 * its last ones have not.
 */
export interface EndMarkScanner {
  /** Offset in this chunk from which to hold back; the chunk's length when nothing needs holding. */
  scan(chunk: Uint8Array): number
}

// What follows an end mark is at most a blank line; looking further back would cost every chunk.
const maxTrailing = 8

export function createEndMarkScanner(mark: string): EndMarkScanner {
  const pattern = Buffer.from(mark)
  const window = pattern.length + maxTrailing
  let before: Buffer = Buffer.alloc(0)
  return {
    scan(chunk) {
      const end = chunk.subarray(Math.max(0, chunk.length - window))
      const seen =
        chunk.length >= window
          ? Buffer.from(end.buffer, end.byteOffset, end.length)
          : Buffer.concat([before, end])
      before = Buffer.from(seen.subarray(Math.max(0, seen.length - window)))
      const at = seen.lastIndexOf(pattern)
      const startsLine = at === 0 || seen[at - 1] === 0x0a || seen[at - 1] === 0x0d
      if (at === -1 || !startsLine) return chunk.length
      return Math.max(0, chunk.length - (seen.length - at))
    },
  }
}
