import type { FinishReason, JsonObject } from '../../chat/types.ts'

/** The calls are a better witness than the word, and a word nobody knows is an end. */
export function readStopReason(reason: string, called: boolean): FinishReason {
  switch (reason) {
    case 'max_tokens':
    case 'model_context_window_exceeded':
      return 'length'
    case 'tool_use':
      return 'tool-calls'
    case 'refusal':
      return 'filtered'
    default:
      return called ? 'tool-calls' : 'stop'
  }
}

/** Clients act on calls only when told that the answer ended in them. */
export function writeStop(
  finish: FinishReason | undefined,
  stopped: string | undefined,
  called: boolean,
): JsonObject {
  const reason = writeReason(finish, stopped, called)
  return { stop_reason: reason, stop_sequence: reason === 'stop_sequence' ? (stopped ?? null) : null }
}

function writeReason(finish: FinishReason | undefined, stopped: string | undefined, called: boolean): string {
  switch (finish) {
    case 'length':
      return 'max_tokens'
    case 'filtered':
      return 'refusal'
    case 'tool-calls':
      return 'tool_use'
    default:
      if (called) return 'tool_use'
      return stopped === undefined ? 'end_turn' : 'stop_sequence'
  }
}
