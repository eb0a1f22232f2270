import { piecesOf } from '../answer.ts'
import type { Generation } from './generation.ts'

/** One part of an answer, in the order in which a model gives them. */
export type Block =
  | { readonly kind: 'reasoning' | 'text'; readonly text: string }
  | {
      readonly kind: 'call'
      readonly id: string
      readonly name: string
      readonly namespace: string | undefined
      /** The arguments as JSON. */
      readonly text: string
    }

/** What an answer is made of; an answer whose only content is an empty text has one empty block. */
export function blocksOf({ answer, callIds }: Generation): readonly Block[] {
  const blocks: Block[] = []
  const { text, reasoning, toolCalls } = answer
  if (reasoning !== '') blocks.push({ kind: 'reasoning', text: reasoning })
  if (text !== null && (text !== '' || (reasoning === '' && toolCalls.length === 0))) {
    blocks.push({ kind: 'text', text })
  }
  for (const [index, call] of toolCalls.entries()) {
    blocks.push({
      kind: 'call',
      id: callIds[index]!,
      name: call.name,
      namespace: call.namespace,
      text: JSON.stringify(call.arguments),
    })
  }
  return blocks
}

/** The pieces in which a block is streamed; arguments come in two, which cut their JSON. */
export function streamedPieces(block: Block, wordsPerChunk: number): Iterable<string> {
  if (block.kind !== 'call') return piecesOf(block.text, wordsPerChunk)
  const middle = block.text.length >> 1
  return [block.text.slice(0, middle), block.text.slice(middle)]
}
