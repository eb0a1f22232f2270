import type { ChatEvent } from '../chat/types.ts'
import type { Dialect } from '../dialects/dialect.ts'
import { readEnding } from './outcome.ts'
import type { Reply } from './reply.ts'

/** An answer that arrived whole. `bytes` are the upstream's own, where they are a body of `dialect`. */
export function createPlainReply(
  dialect: Dialect,
  events: readonly ChatEvent[],
  bytes: Buffer | undefined,
): Reply {
  return {
    streamed: false,
    served: readEnding(events).served,
    body: (wanted, context) =>
      bytes !== undefined && wanted.name === dialect.name && wanted.asAsked?.(events, context) !== false
        ? bytes
        : Buffer.from(JSON.stringify(wanted.writeResult(events, context))),
    without: (isUnwanted) =>
      createPlainReply(
        dialect,
        events.filter((event) => !isUnwanted(event)),
        undefined,
      ),
    async *chunks(wanted, context) {
      // The client asked for a stream and the upstream answered whole: one burst is a valid stream.
      const encoder = wanted.encoder(context)
      const text = events.map((event) => (event.type === 'message-end' ? '' : encoder.push(event))).join('')
      yield Buffer.from(text + encoder.end())
    },
    async *events() {
      yield [...events.filter((event) => event.type !== 'message-end'), { type: 'message-end' }]
    },
  }
}
