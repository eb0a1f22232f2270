import type { ChatEvent, JsonObject } from '../../chat/types.ts'
import { argsObject } from '../function-tools.ts'
import { asObject, parseJson } from '../lenient.ts'

/** A block of an answer while it grows. */
export interface Block {
  readonly type: 'text' | 'thinking' | 'redacted_thinking' | 'tool_use'
  /** What has come and was not sent: text, JSON, or the data of redacted thinking. */
  pending: string
  /** What was sent. Kept for calls only, which must be whole before another block may begin. */
  sent: string
  signature: string
  readonly id: string
  readonly name: string
  /** Nothing more will come. */
  closed: boolean
}

/** The blocks of an answer, in the order in which they began. The reader takes away what it has sent. */
export interface Blocks {
  readonly list: Block[]
  push(event: ChatEvent): void
  /** Whether there was a call. */
  called(): boolean
}

export function createBlocks(): Blocks {
  const list: Block[] = []
  const calls = new Map<number, Block>()

  const add = (type: Block['type'], pending: string, facts: Partial<Block> = {}): Block => {
    const last = list.at(-1)
    // Upstreams may send the fragments of several calls by turns.
    if (last !== undefined) last.closed = last.type !== 'tool_use' || isWhole(last.sent + last.pending)
    const block = { type, pending, sent: '', signature: '', id: '', name: '', closed: false, ...facts }
    list.push(block)
    return block
  }

  const addReasoning = (event: Extract<ChatEvent, { type: 'reasoning-delta' }>): void => {
    const { text, signature = '', sealed } = event
    const last = list.at(-1)
    // A signature covers the text before it: what comes behind it is another block.
    const isOpen = last?.type === 'thinking' && (last.signature === '' || last.signature === signature)
    if (text !== '' || signature !== '') {
      const block = isOpen ? last : add('thinking', '')
      block.pending += text
      if (signature !== '') block.signature = signature
    }
    if (sealed !== undefined) add('redacted_thinking', sealed)
  }

  return {
    list,
    push(event) {
      const last = list.at(-1)
      switch (event.type) {
        case 'text-delta':
          if (event.text === '') return
          if (last?.type === 'text') last.pending += event.text
          else add('text', event.text)
          return
        case 'reasoning-delta':
          addReasoning(event)
          return
        case 'tool-start':
          calls.set(event.index, add('tool_use', '', { id: event.id, name: event.name }))
          return
        case 'tool-delta': {
          const call = calls.get(event.index)
          if (call !== undefined) call.pending += event.json
        }
      }
    },
    called: () => calls.size > 0,
  }
}

/** A block of a whole answer. */
export function writeBlock(block: Block): JsonObject {
  switch (block.type) {
    case 'text':
      return { type: 'text', text: block.pending }
    case 'thinking':
      return { type: 'thinking', thinking: block.pending, signature: block.signature }
    case 'redacted_thinking':
      return { type: 'redacted_thinking', data: block.pending }
    case 'tool_use':
      return { type: 'tool_use', id: block.id, name: block.name, input: argsObject(block.pending) }
  }
}

/** How thinking is shown to a client: whole, or (when it asked for none) by its signature only, if there is one. */
export function hidesThinking(request: JsonObject | undefined): boolean {
  const thinking = asObject(request?.thinking)
  return thinking?.display === 'omitted' || thinking?.type === 'disabled'
}

function isWhole(json: string): boolean {
  return asObject(parseJson(json)) !== undefined
}
