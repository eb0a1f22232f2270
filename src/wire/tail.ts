/** Keeps the last bytes of a passing stream: enough to read how it ended, whatever its length. */
export interface Tail {
  push(chunk: Uint8Array): void
  /** At least the last `minBytes` bytes, or all there were. */
  bytes(): Buffer
  /** Whether bytes before the kept ones were let go. */
  readonly cut: boolean
}

export function createTail(minBytes: number): Tail {
  let chunks: Uint8Array[] = []
  let first = 0
  let size = 0
  let cut = false
  return {
    push(chunk) {
      chunks.push(chunk)
      size += chunk.length
      // An index rather than shift(): shift of a long array moves every element, which a one-byte-chunk stream would feel.
      for (
        let oldest = chunks[first];
        oldest !== undefined && size - oldest.length >= minBytes;
        oldest = chunks[first]
      ) {
        size -= oldest.length
        first++
        cut ||= oldest.length > 0
      }
      if (first > 1024) {
        chunks = chunks.slice(first)
        first = 0
      }
    },
    bytes: () => Buffer.concat(first === 0 ? chunks : chunks.slice(first)),
    get cut() {
      return cut
    },
  }
}
