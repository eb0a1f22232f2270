import type { FinishReason, JsonObject, Usage } from '../../chat/types.ts'

/** The members that only the last line (or a whole answer) has. Durations are nanoseconds; clients divide by them. */
export function writeClosing(
  finish: FinishReason | undefined,
  usage: Usage | undefined,
  elapsedMs: number,
): JsonObject {
  const elapsedNs = Math.max(1, Math.round(elapsedMs * 1e6))
  return {
    done: true,
    done_reason: finish === 'length' ? 'length' : 'stop',
    total_duration: elapsedNs,
    load_duration: 0,
    prompt_eval_count: usage?.input ?? 0,
    ...(usage?.cached === undefined ? {} : { prompt_eval_cached_count: usage.cached }),
    prompt_eval_duration: 0,
    eval_count: usage?.output ?? 0,
    eval_duration: elapsedNs,
  }
}
