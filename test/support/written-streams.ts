import { sse } from './raw-upstream.ts'

/** Streams as OpenRouter writes them, with everything in them that a relay could stumble over. */

const event = (members: { readonly type: string } & Readonly<Record<string, unknown>>): string =>
  `event: ${members.type}\ndata: ${JSON.stringify(members)}\n\n`

// In a text the quotes are escaped, so these words end nothing.
const tempting = 'data: [DONE] and "error": {"type":"message_stop"} and event: response.completed'

/** A stream of one dialect in parts, so that a test can end it anywhere. */
export interface Written {
  readonly head: string
  readonly body: string
  readonly end: string
}

export const chatStream: Written = {
  head: '\ufeff: OPENROUTER PROCESSING\n\n',
  body: [
    `id: 7\r\n${sse('naïve ')}`,
    sse(`😀 ${tempting}`).replaceAll('\n', '\r\n'),
    'event: message\n',
    `data: {"choices":[{"index":0,\r\ndata: "delta":{"content":"two lines"}}]}\r\n\r\n`,
    sse('', 'stop'),
  ].join(''),
  end: [
    'data: {"id":"gen-1","choices":[],"error":null,"usage":{"prompt_tokens":3,"completion_tokens":9}}\n\n',
    'data: [DONE]\n\n',
  ].join(''),
}

/** By https://platform.claude.com/docs/en/build-with-claude/streaming, with members and an event that nobody has documented. */
export const messagesStream: Written = {
  head: ': OPENROUTER PROCESSING\n\n',
  body: [
    event({
      type: 'message_start',
      message: {
        id: 'gen-1',
        type: 'message',
        role: 'assistant',
        model: 'raw/model',
        content: [],
        stop_reason: null,
        stop_sequence: null,
        usage: { input_tokens: 0, output_tokens: 0 },
        provider: 'Raw',
      },
    }),
    event({ type: 'ping' }),
    event({
      type: 'content_block_start',
      index: 0,
      content_block: { type: 'thinking', thinking: '', signature: '' },
    }),
    event({
      type: 'content_block_delta',
      index: 0,
      delta: { type: 'thinking_delta', thinking: 'Grübeln …' },
    }),
    event({ type: 'content_block_delta', index: 0, delta: { type: 'signature_delta', signature: 'c2ln' } }),
    event({ type: 'content_block_stop', index: 0 }),
    event({ type: 'something_new', x: [1.5, null] }),
    event({ type: 'content_block_start', index: 1, content_block: { type: 'text', text: '' } }),
    event({
      type: 'content_block_delta',
      index: 1,
      delta: { type: 'text_delta', text: `😀 ${tempting}` },
    }).replaceAll('\n', '\r\n'),
    ': a comment\n',
    event({ type: 'content_block_stop', index: 1 }),
    event({
      type: 'message_delta',
      delta: { stop_reason: 'end_turn', stop_sequence: null },
      usage: { input_tokens: 3, output_tokens: 9, cache_read_input_tokens: 4 },
    }),
  ].join(''),
  end: event({ type: 'message_stop' }),
}

/** By https://platform.openai.com/docs/api-reference/responses-streaming; the last event repeats the whole answer. */
export const responsesStream: Written = {
  head: ': OPENROUTER PROCESSING\n\n',
  body: [
    event({
      type: 'response.created',
      response: { id: 'gen-1', model: 'raw/model', output: [] },
      sequence_number: 0,
    }),
    event({
      type: 'response.output_item.added',
      output_index: 0,
      item: { id: 'msg_1', type: 'message', role: 'assistant', status: 'in_progress', content: [] },
      sequence_number: 1,
    }),
    event({ type: 'response.something_new', x: [1.5, null], sequence_number: 2 }),
    event({
      type: 'response.output_text.delta',
      item_id: 'msg_1',
      output_index: 0,
      content_index: 0,
      delta: `😀 ${tempting}`,
      sequence_number: 3,
    }).replaceAll('\n', '\r\n'),
  ].join(''),
  end: event({
    type: 'response.completed',
    response: {
      id: 'gen-1',
      model: 'raw/model',
      status: 'completed',
      error: null,
      output: [
        {
          id: 'msg_1',
          type: 'message',
          role: 'assistant',
          status: 'completed',
          content: [{ type: 'output_text', text: `😀 ${tempting}`, annotations: [] }],
        },
      ],
      usage: {
        input_tokens: 7,
        input_tokens_details: { cached_tokens: 4 },
        output_tokens: 9,
        output_tokens_details: { reasoning_tokens: 2 },
        total_tokens: 16,
      },
    },
    sequence_number: 4,
  }),
}
