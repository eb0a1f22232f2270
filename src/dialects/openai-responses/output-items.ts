import type { JsonObject } from '../../chat/types.ts'
import { present } from '../lenient.ts'
import { makeId } from './response.ts'
import { writeSealed } from './sealed.ts'
import { type Origin, unwrapInput } from './tools.ts'

/** One item of an answer as it comes together, and the stream events that tell of it. `at` is its place in the output. */
export interface OutputItem {
  readonly kind: 'message' | 'reasoning' | 'call'
  add(text: string): void
  open(at: number): readonly JsonObject[]
  /** What was added since the last time. */
  flow(at: number): readonly JsonObject[]
  close(at: number, whole: boolean): { readonly events: readonly JsonObject[]; readonly item: JsonObject }
  /** Whether nothing can be missing any more, whatever the upstream says next. */
  complete(): boolean
}

export function createMessage(): OutputItem {
  const id = makeId('msg')
  let text = ''
  let pending = ''
  const part = (): JsonObject => ({ type: 'output_text', text, annotations: [], logprobs: [] })
  const item = (status: string, content: readonly JsonObject[]): JsonObject => {
    return { id, type: 'message', status, role: 'assistant', content }
  }
  return {
    kind: 'message',
    add(more) {
      text += more
      pending += more
    },
    open(at) {
      const empty = { type: 'output_text', text: '', annotations: [], logprobs: [] }
      return [
        { type: 'response.output_item.added', output_index: at, item: item('in_progress', []) },
        { type: 'response.content_part.added', item_id: id, output_index: at, content_index: 0, part: empty },
      ]
    },
    flow(at) {
      if (pending === '') return []
      const delta = pending
      pending = ''
      const type = 'response.output_text.delta'
      return [{ type, item_id: id, output_index: at, content_index: 0, delta, logprobs: [] }]
    },
    close(at, whole) {
      const done = item(whole ? 'completed' : 'incomplete', [part()])
      const place = { item_id: id, output_index: at, content_index: 0 }
      const events = [
        { type: 'response.output_text.done', ...place, text, logprobs: [] },
        { type: 'response.content_part.done', ...place, part: part() },
        { type: 'response.output_item.done', output_index: at, item: done },
      ]
      return { events, item: done }
    },
    complete: () => true,
  }
}

export interface Thinking extends OutputItem {
  /** What has to come back with the next turn. */
  seal(signature: string | undefined, sealed: string | undefined): void
  signed(): boolean
}

/** Told as a summary: of the two forms the wire has, it is the one all clients show. */
export function createThinking(sealing: boolean): Thinking {
  const id = makeId('rs')
  let text = ''
  let pending = ''
  let begun = false
  let signature: string | undefined
  let sealed: string | undefined
  return {
    kind: 'reasoning',
    add(more) {
      text += more
      pending += more
    },
    seal(newSignature, newSealed) {
      signature = newSignature ?? signature
      sealed = newSealed ?? sealed
    },
    signed: () => signature !== undefined,
    open(at) {
      const item = { id, type: 'reasoning', summary: [] }
      return [{ type: 'response.output_item.added', output_index: at, item }]
    },
    flow(at) {
      if (pending === '') return []
      const event = {
        type: 'response.reasoning_summary_text.delta',
        item_id: id,
        output_index: at,
        summary_index: 0,
        delta: pending,
      }
      pending = ''
      if (begun) return [event]
      begun = true
      const place = { item_id: id, output_index: at, summary_index: 0 }
      const part = { type: 'summary_text', text: '' }
      return [{ type: 'response.reasoning_summary_part.added', ...place, part }, event]
    },
    close(at) {
      const place = { item_id: id, output_index: at, summary_index: 0 }
      const part = { type: 'summary_text', text }
      const item = present({
        id,
        type: 'reasoning',
        summary: text === '' ? [] : [part],
        encrypted_content: sealing ? writeSealed(thoughtOf(text, signature, sealed)) : undefined,
      })
      const told = [
        { type: 'response.reasoning_summary_text.done', ...place, text },
        { type: 'response.reasoning_summary_part.done', ...place, part },
      ]
      const done = { type: 'response.output_item.done', output_index: at, item }
      return { events: [...(begun ? told : []), done], item }
    },
    complete: () => true,
  }
}

function thoughtOf(
  text: string,
  signature: string | undefined,
  sealed: string | undefined,
): Parameters<typeof writeSealed>[0] {
  return {
    text,
    ...(signature === undefined ? {} : { signature }),
    ...(sealed === undefined ? {} : { sealed }),
  }
}

/** `callId` is the upstream's: results refer to it. The item has an id of its own beside it. */
export function createCall(callId: string, { name, namespace, custom }: Origin): OutputItem {
  return custom ? createCustomCall(callId, name, namespace) : createFunctionCall(callId, name, namespace)
}

function createFunctionCall(callId: string, name: string, namespace: string | undefined): OutputItem {
  const id = makeId('fc')
  let args = ''
  let pending = ''
  const item = (status: string): JsonObject =>
    present({ id, type: 'function_call', status, call_id: callId, name, namespace, arguments: args })
  return {
    kind: 'call',
    add(more) {
      args += more
      pending += more
    },
    open(at) {
      const empty = { ...item('in_progress'), arguments: '' }
      return [{ type: 'response.output_item.added', output_index: at, item: empty }]
    },
    flow(at) {
      if (pending === '') return []
      const delta = pending
      pending = ''
      return [{ type: 'response.function_call_arguments.delta', item_id: id, output_index: at, delta }]
    },
    close(at, whole) {
      const done = item(whole ? 'completed' : 'incomplete')
      const place = { item_id: id, output_index: at }
      const events = [
        { type: 'response.function_call_arguments.done', ...place, name, arguments: args },
        { type: 'response.output_item.done', output_index: at, item: done },
      ]
      return { events, item: done }
    },
    complete: () => isWholeObject(args),
  }
}

/** Its input stands inside JSON arguments, so it is told whole once they are. */
function createCustomCall(callId: string, name: string, namespace: string | undefined): OutputItem {
  const id = makeId('ctc')
  let args = ''
  // Always complete: one typed client takes no other word here.
  const item = (status: string, input: string): JsonObject =>
    present({ id, type: 'custom_tool_call', status, call_id: callId, name, namespace, input })
  return {
    kind: 'call',
    add(more) {
      args += more
    },
    open: (at) => [{ type: 'response.output_item.added', output_index: at, item: item('in_progress', '') }],
    flow: () => [],
    close(at) {
      const input = unwrapInput(args)
      const done = item('completed', input)
      const place = { item_id: id, output_index: at }
      const events = [
        { type: 'response.custom_tool_call_input.delta', ...place, delta: input },
        { type: 'response.custom_tool_call_input.done', ...place, input },
        { type: 'response.output_item.done', output_index: at, item: done },
      ]
      return { events, item: done }
    },
    complete: () => isWholeObject(args),
  }
}

function isWholeObject(args: string): boolean {
  if (!args.trimEnd().endsWith('}')) return false
  try {
    return typeof JSON.parse(args) === 'object'
  } catch {
    return false
  }
}
