/** A stream as its client reads it. */
export interface Read {
  readonly text: string
  /** Messages of the dialect's error frames. */
  readonly errors: readonly string[]
  /** Whether the dialect's own end mark came. */
  readonly ended: boolean
  /** What a client cannot read, or must not be sent. */
  readonly broken: readonly string[]
}

export interface SeenEvent {
  readonly name: string | undefined
  readonly data: string
}

/** Server-sent events by https://html.spec.whatwg.org/multipage/server-sent-events.html: what is not ended by a blank line is no event. */
export function eventsOf(stream: string): readonly SeenEvent[] {
  const events: SeenEvent[] = []
  let name: string | undefined
  let data: string[] = []
  for (const line of stream.replace(/^\ufeff/, '').split(/\r\n|\n|\r/)) {
    if (line === '') {
      if (data.length > 0) events.push({ name, data: data.join('\n') })
      name = undefined
      data = []
      continue
    }
    const colon = line.indexOf(':')
    if (colon === 0) continue
    const field = colon === -1 ? line : line.slice(0, colon)
    const value = colon === -1 ? '' : line.slice(colon + 1).replace(/^ /, '')
    if (field === 'event') name = value
    else if (field === 'data') data.push(value)
  }
  return events
}

/** The comments of a stream, without their colon. */
export function commentsOf(stream: string): readonly string[] {
  return stream
    .split(/\r\n|\n|\r/)
    .filter((line) => line.startsWith(':'))
    .map((line) => line.slice(1).trim())
}
