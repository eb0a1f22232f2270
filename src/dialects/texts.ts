import type { Part } from '../chat/types.ts'

/** The text parts as one text, for wires that have only one. */
export function joinTexts(parts: readonly Part[]): string {
  return parts.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('\n')
}
