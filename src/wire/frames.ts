import { RouterError } from '../errors.ts'

export type Framing = 'sse' | 'ndjson'

/** One event of an event stream, or one line of NDJSON. */
export interface Frame {
  readonly event?: string
  readonly data: string
}

/** Cuts a byte stream into frames and keeps the unfinished rest. */
export interface Framer {
  feed(chunk: Uint8Array): readonly Frame[]
  /** The unfinished rest, once the stream has ended: an NDJSON line without its newline counts, half an SSE event does not. */
  end(): readonly Frame[]
}

const defaultMaxBytes = 4 * 1024 * 1024

/**
 * `maxBytes` bounds one frame, so that a line that never ends cannot fill the memory.
 * Throws RouterError `frame_too_large` from `feed`.
 */
export function createFramer(framing: Framing, options: { maxBytes?: number } = {}): Framer {
  const maxBytes = options.maxBytes ?? defaultMaxBytes
  return framing === 'sse' ? createSseFramer(maxBytes) : createNdjsonFramer(maxBytes)
}

// Line breaks are looked for in the new bytes only; what is held back is a rope that is not flattened until its
// line is complete. So a line that arrives in a thousand pieces costs its length, not a thousand times that.
function createNdjsonFramer(maxBytes: number): Framer {
  const decoder = new TextDecoder()
  let rest = ''
  return {
    feed(chunk) {
      const text = decoder.decode(chunk, { stream: true })
      const frames: Frame[] = []
      let start = 0
      for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', start)) {
        const line = (rest + text.slice(start, end)).trim()
        refuseOver(line.length, maxBytes)
        if (line !== '') frames.push({ data: line })
        rest = ''
        start = end + 1
      }
      rest += text.slice(start)
      refuseOver(rest.length, maxBytes)
      return frames
    },
    end() {
      const last = (rest + decoder.decode()).trim()
      rest = ''
      return last === '' ? [] : [{ data: last }]
    },
  }
}

// The grammar is the HTML standard's "parsing an event stream": lines end in LF, CR or CRLF, a blank line ends
// the event, several data lines join with LF, a line that begins with a colon is a comment, an event without data
// is none. `id` and `retry` mean nothing to a one-shot answer and are skipped. The byte order mark is the
// TextDecoder's business.
function createSseFramer(maxBytes: number): Framer {
  const decoder = new TextDecoder()
  let rest = ''
  // The last line ended in CR at the end of a chunk: a LF that comes next is the rest of that line end.
  let afterCr = false
  let event: string | undefined
  let data: string[] = []
  let held = 0

  const line = (text: string, frames: Frame[]): void => {
    if (text === '') {
      const joined = data.join('\n')
      if (joined !== '') frames.push(event === undefined ? { data: joined } : { event, data: joined })
      event = undefined
      data = []
      held = 0
      return
    }
    const colon = text.indexOf(':')
    if (colon === 0) return
    const name = colon === -1 ? text : text.slice(0, colon)
    const value = colon === -1 ? '' : text.slice(text[colon + 1] === ' ' ? colon + 2 : colon + 1)
    if (name === 'data') {
      data.push(value)
      held += value.length + 1
      refuseOver(held, maxBytes)
    } else if (name === 'event') {
      event = value === '' ? undefined : value
    }
  }

  return {
    feed(chunk) {
      const text = decoder.decode(chunk, { stream: true })
      const frames: Frame[] = []
      if (text === '') return frames
      let start = afterCr && text.charCodeAt(0) === 10 ? 1 : 0
      afterCr = false
      let lf = text.indexOf('\n', start)
      let cr = text.indexOf('\r', start)
      while (lf !== -1 || cr !== -1) {
        const at = cr === -1 || (lf !== -1 && lf < cr) ? lf : cr
        line(rest + text.slice(start, at), frames)
        rest = ''
        start = at + 1
        if (at === cr) {
          if (start === text.length) afterCr = true
          else if (lf === start) start += 1
          cr = text.indexOf('\r', start)
        }
        if (lf !== -1 && lf < start) lf = text.indexOf('\n', start)
      }
      rest += text.slice(start)
      refuseOver(rest.length, maxBytes)
      return frames
    },
    end() {
      rest = ''
      data = []
      return []
    },
  }
}

function refuseOver(size: number, maxBytes: number): void {
  if (size > maxBytes) {
    throw new RouterError(
      'frame_too_large',
      `one frame of the upstream's stream is larger than ${maxBytes} bytes`,
    )
  }
}
