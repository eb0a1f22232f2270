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

function createNdjsonFramer(maxBytes: number): Framer {
  const decoder = new TextDecoder()
  let rest = ''
  const cut = (text: string): Frame[] => {
    const frames: Frame[] = []
    let start = 0
    for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', start)) {
      const line = text.slice(start, end).trim()
      if (line !== '') frames.push({ data: line })
      start = end + 1
    }
    rest = text.slice(start)
    return frames
  }
  return {
    feed(chunk) {
      const frames = cut(rest + decoder.decode(chunk, { stream: true }))
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
// the event, several data lines join with LF, a line that begins with a colon is a comment. `id` and `retry`
// mean nothing to a one-shot answer and are skipped.
function createSseFramer(maxBytes: number): Framer {
  const decoder = new TextDecoder()
  let rest = ''
  let event: string | undefined
  let data: string[] = []
  let held = 0

  const line = (text: string, frames: Frame[]): void => {
    if (text === '') {
      if (data.length > 0) frames.push({ ...(event === undefined ? {} : { event }), data: data.join('\n') })
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
      held += value.length
      refuseOver(held, maxBytes)
    } else if (name === 'event') {
      event = value
    }
  }

  return {
    feed(chunk) {
      const text = rest + decoder.decode(chunk, { stream: true })
      const frames: Frame[] = []
      let start = 0
      for (let at = nextBreak(text, start); at !== -1; at = nextBreak(text, start)) {
        // A CR at the very end may be the first half of a CRLF: wait for the next byte.
        if (text.charCodeAt(at) === 13 && at === text.length - 1) break
        line(text.slice(start, at), frames)
        start = at + (text.charCodeAt(at) === 13 && text.charCodeAt(at + 1) === 10 ? 2 : 1)
      }
      rest = text.slice(start)
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

function nextBreak(text: string, from: number): number {
  const lf = text.indexOf('\n', from)
  const cr = text.indexOf('\r', from)
  if (cr === -1) return lf
  return lf === -1 || cr < lf ? cr : lf
}

function refuseOver(size: number, maxBytes: number): void {
  if (size > maxBytes) {
    throw new RouterError(
      'frame_too_large',
      `one frame of the upstream's stream is larger than ${maxBytes} bytes`,
    )
  }
}
