import { randomUUID } from 'node:crypto'
import type { ChatEvent, FinishReason, Json, JsonObject, Usage } from '../../chat/types.ts'
import type { AnswerContext } from '../dialect.ts'
import { asObject } from '../lenient.ts'
import { writeUsage } from './usage.ts'

/** What is the same in every response object of one answer. */
export interface Head {
  readonly id: string
  readonly createdAt: number
  readonly model: string
  readonly request: JsonObject
}

export function headOf(
  start: Extract<ChatEvent, { type: 'message-start' }> | undefined,
  { now, request }: AnswerContext,
): Head {
  return {
    id: answerId(start?.id ?? ''),
    createdAt: start?.created ?? Math.floor(now / 1000),
    model: start === undefined || start.model === '' ? 'unknown' : start.model,
    request: request ?? {},
  }
}

/** Other dialects' ids stay readable in ours, so that an answer is found again in an upstream's log. */
function answerId(id: string): string {
  if (id === '') return makeId('resp')
  return id.startsWith('resp_') ? id : `resp_${id}`
}

export function makeId(kind: 'resp' | 'msg' | 'rs' | 'fc' | 'ctc'): string {
  return `${kind}_${randomUUID().replaceAll('-', '')}`
}

/** The state of an answer: what to put into `status`, and why it is not complete. */
export interface Standing {
  readonly status: 'in_progress' | 'completed' | 'incomplete' | 'failed'
  readonly reason?: 'max_output_tokens' | 'content_filter'
  readonly error?: { readonly code: string; readonly message: string }
}

export function standingOf(finish: FinishReason | undefined): Standing {
  switch (finish) {
    case 'length':
      return { status: 'incomplete', reason: 'max_output_tokens' }
    case 'filtered':
      return { status: 'incomplete', reason: 'content_filter' }
    case 'error':
      return {
        status: 'failed',
        error: { code: 'server_error', message: 'the upstream ended the answer with an error' },
      }
    default:
      return { status: 'completed' }
  }
}

// What a response repeats of its request, with what the reference states as default
// (https://platform.openai.com/docs/api-reference/responses/object). Typed clients expect every one of them.
const echoed: JsonObject = {
  instructions: null,
  max_output_tokens: null,
  max_tool_calls: null,
  metadata: {},
  parallel_tool_calls: true,
  prompt_cache_key: null,
  safety_identifier: null,
  temperature: null,
  tool_choice: 'auto',
  tools: [],
  top_logprobs: null,
  top_p: null,
  truncation: 'disabled',
  user: null,
}

export function writeResponse(
  { id, createdAt, model, request }: Head,
  { status, reason, error }: Standing,
  output: readonly JsonObject[],
  usage: Usage | undefined,
): JsonObject {
  const echo: Record<string, Json> = {}
  for (const name in echoed) echo[name] = request[name] ?? echoed[name] ?? null
  return {
    id,
    object: 'response',
    created_at: createdAt,
    status,
    background: false,
    error: error ?? null,
    incomplete_details: reason === undefined ? null : { reason },
    model,
    output,
    previous_response_id: null,
    service_tier: null,
    // Whatever was asked for: nothing is kept here.
    store: false,
    ...echo,
    reasoning: { effort: null, summary: null, ...asObject(request.reasoning) },
    text: { format: { type: 'text' }, ...asObject(request.text) },
    usage: usage === undefined ? null : writeUsage(usage),
  }
}
