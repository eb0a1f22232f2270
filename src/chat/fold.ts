import type { ChatEvent, FinishReason, Json, Usage } from './types.ts'

/** A whole answer, put together from its events. */
export interface ChatResult {
  readonly id?: string
  readonly model?: string
  /** Epoch seconds. */
  readonly created?: number
  readonly text: string
  readonly reasoning: string
  readonly signature?: string
  readonly sealed?: string
  readonly toolCalls: readonly ToolCall[]
  readonly finish?: FinishReason
  readonly stopped?: string
  readonly vectors?: readonly Json[]
  readonly usage?: Usage
  /** Whether the wire's own end mark was seen. */
  readonly ended: boolean
  readonly error?: { readonly message: string; readonly code?: string; readonly raw?: string }
}

export interface ToolCall {
  readonly id: string
  readonly name: string
  /** JSON text, as the upstream wrote it. */
  readonly args: string
}

/** Puts an answer together as it arrives; `result` may be asked for at any time. */
export interface Fold {
  push(event: ChatEvent): void
  result(): ChatResult
}

export function createFold(): Fold {
  let start: Extract<ChatEvent, { type: 'message-start' }> | undefined
  let text = ''
  let reasoning = ''
  let signature: string | undefined
  let sealed: string | undefined
  let stopped: string | undefined
  let vectors: readonly Json[] | undefined
  const calls = new Map<number, { id: string; name: string; args: string }>()
  let finish: FinishReason | undefined
  let usage: Usage | undefined
  let ended = false
  let error: Extract<ChatEvent, { type: 'error' }> | undefined

  const push = (event: ChatEvent): void => {
    switch (event.type) {
      case 'message-start':
        start ??= event
        return
      case 'text-delta':
        text += event.text
        return
      case 'reasoning-delta':
        reasoning += event.text
        signature = event.signature ?? signature
        sealed = event.sealed ?? sealed
        return
      case 'tool-start':
        calls.set(event.index, { id: event.id, name: event.name, args: '' })
        return
      case 'tool-delta': {
        const call = calls.get(event.index)
        if (call !== undefined) call.args += event.json
        return
      }
      case 'finish':
        finish = event.reason
        stopped = event.stopped ?? stopped
        return
      case 'vectors':
        vectors = event.vectors
        return
      case 'usage':
        usage = mergeUsage(usage, event.usage)
        return
      case 'message-end':
        ended = true
        return
      case 'error':
        error ??= event
        return
    }
  }

  const result = (): ChatResult => ({
    ...(start === undefined || start.id === '' ? {} : { id: start.id }),
    ...(start === undefined || start.model === '' ? {} : { model: start.model }),
    ...(start?.created === undefined ? {} : { created: start.created }),
    text,
    reasoning,
    ...(signature === undefined ? {} : { signature }),
    ...(sealed === undefined ? {} : { sealed }),
    toolCalls: [...calls.values()].map((call) => ({ ...call })),
    ...(finish === undefined ? {} : { finish }),
    ...(stopped === undefined ? {} : { stopped }),
    ...(vectors === undefined ? {} : { vectors }),
    ...(usage === undefined ? {} : { usage }),
    ended,
    ...(error === undefined ? {} : { error: withoutType(error) }),
  })

  return { push, result }
}

export function foldEvents(events: Iterable<ChatEvent>): ChatResult {
  const fold = createFold()
  for (const event of events) fold.push(event)
  return fold.result()
}

/** The events of a whole answer, in the order a stream would have had. */
export function unfold(result: ChatResult): readonly ChatEvent[] {
  const { id = '', model = '', created, text, reasoning, signature, sealed, finish, stopped, usage } = result
  const thought = {
    ...(signature === undefined ? {} : { signature }),
    ...(sealed === undefined ? {} : { sealed }),
  }
  const calls = result.toolCalls.flatMap((call, index): ChatEvent[] => [
    { type: 'tool-start', index, id: call.id, name: call.name },
    { type: 'tool-delta', index, json: call.args },
  ])
  return [
    { type: 'message-start', id, model, ...(created === undefined ? {} : { created }) },
    ...(reasoning === '' && Object.keys(thought).length === 0
      ? []
      : [{ type: 'reasoning-delta' as const, text: reasoning, ...thought }]),
    ...(text === '' ? [] : [{ type: 'text-delta' as const, text }]),
    ...calls,
    ...(finish === undefined
      ? []
      : [{ type: 'finish' as const, reason: finish, ...(stopped === undefined ? {} : { stopped }) }]),
    ...(usage === undefined ? [] : [{ type: 'usage' as const, usage }]),
    { type: 'message-end' },
  ]
}

/**
 * A later count on top of an earlier one: some wires tell the input at the start and the output at the end, and a
 * count that is told again only grows.
 */
export function mergeUsage(earlier: Usage | undefined, later: Usage): Usage {
  if (earlier === undefined) return later
  return {
    ...earlier,
    ...later,
    input: Math.max(earlier.input, later.input),
    output: Math.max(earlier.output, later.output),
  }
}

/** What two answers used; of one that did not say, nothing. Their price only where both tell theirs. */
export function addUsage(one: Usage | undefined, other: Usage | undefined): Usage | undefined {
  if (one === undefined || other === undefined) return one ?? other
  const part = (name: 'cached' | 'cacheWrite' | 'reasoning'): { readonly [key in typeof name]?: number } => {
    const [first, second] = [one[name], other[name]]
    return first === undefined && second === undefined ? {} : { [name]: (first ?? 0) + (second ?? 0) }
  }
  return {
    input: one.input + other.input,
    output: one.output + other.output,
    ...part('cached'),
    ...part('cacheWrite'),
    ...part('reasoning'),
    ...(one.nanoUsd !== undefined && other.nanoUsd !== undefined && { nanoUsd: one.nanoUsd + other.nanoUsd }),
  }
}

/** Whether a client would notice this event. Until the first one, a failed call can be replaced by another unseen. */
export function isContent(event: ChatEvent): boolean {
  switch (event.type) {
    case 'text-delta':
    case 'reasoning-delta':
      return event.text !== ''
    case 'tool-start':
    case 'vectors':
      return true
    default:
      return false
  }
}

function withoutType(event: Extract<ChatEvent, { type: 'error' }>): NonNullable<ChatResult['error']> {
  const { type: _, ...error } = event
  return error
}
