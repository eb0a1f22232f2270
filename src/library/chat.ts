import { createFold, type ChatResult } from '../chat/fold.ts'
import type { ChatEvent, FinishReason, Json, JsonObject } from '../chat/types.ts'
import { dialectNamed } from '../dialects/index.ts'
import { ProviderError, RequestError } from '../errors.ts'
import { draftFromBytes } from '../relay/draft.ts'
import type { RouterCore } from '../routing/core.ts'
import type { Routed } from '../routing/dispatch.ts'

/** A message in OpenAI's shape: `role`, `content`, and what tools and images need. */
export type ChatMessage = { readonly role: string; readonly content?: unknown } & {
  readonly [member: string]: unknown
}

export interface ChatOptions {
  /** `auto` (or nothing): free quota first. `vendor/model` or a bare name: that model, never another. */
  readonly model?: string
  /** Name of a provider that goes first for `auto`, or alone for a named model. */
  readonly preferProvider?: string
  readonly stream?: boolean
  readonly signal?: AbortSignal
  /** How long to wait for spent quota to return, in milliseconds; default that of the config, 0. */
  readonly maxWaitMs?: number
  /** Id of the request for `why`; made up when left out. */
  readonly requestId?: string
  readonly maxTokens?: number
  readonly temperature?: number
  /** Tools in OpenAI's shape. */
  readonly tools?: readonly unknown[]
  readonly toolChoice?: unknown
  readonly responseFormat?: unknown
  /** Further members of an OpenAI chat request, as they are. */
  readonly extra?: Readonly<Record<string, unknown>>
}

/** One answer, in the same shape whichever provider gave it. */
export interface ChatResponse {
  readonly content: string
  readonly reasoning: string
  readonly toolCalls: ChatResult['toolCalls']
  /** The model that answered. */
  readonly model: string
  readonly provider: string
  /** At most the first 8 characters of the key. */
  readonly keyId: string
  /** The variable or config entry the key came from. */
  readonly keyName: string
  /** Input and output together; 0 when the provider did not say. */
  readonly tokensUsed: number
  readonly tokens: {
    readonly input: number
    readonly output: number
    readonly cached?: number
    readonly reasoning?: number
  }
  /** US dollars; null when nobody knows. */
  readonly cost: number | null
  readonly latencyMs: number
  /** Upstream calls this answer took. */
  readonly attempts: number
  readonly finishReason: FinishReason | undefined
  /** Id of the request, for `why`. */
  readonly requestId: string
}

/** A streamed answer: iterate it once; `response` resolves at its end. */
export interface ChatStream extends AsyncIterable<ChatEvent> {
  readonly response: Promise<ChatResponse>
}

export async function chatOnce(
  core: RouterCore,
  messages: readonly ChatMessage[] | string,
  options: ChatOptions,
): Promise<ChatResponse> {
  const begun = performance.now()
  const routed = await send(core, messages, { ...options, stream: false })
  const fold = createFold()
  for await (const batch of routed.reply.events()) for (const event of batch) fold.push(event)
  return response(routed, fold.result(), begun)
}

export function chatStream(
  core: RouterCore,
  messages: readonly ChatMessage[] | string,
  options: ChatOptions,
): ChatStream {
  const done = Promise.withResolvers<ChatResponse>()
  // The caller may only want the events; a failure reaches it through the iteration then.
  done.promise.catch(() => {})
  async function* events(): AsyncGenerator<ChatEvent, void, undefined> {
    const begun = performance.now()
    const fold = createFold()
    try {
      const routed = await send(core, messages, { ...options, stream: true })
      for await (const batch of routed.reply.events()) {
        for (const event of batch) {
          fold.push(event)
          if (event.type === 'error')
            throw new ProviderError('upstream_failed', event.message, { provider: routed.provider })
          yield event
        }
      }
      done.resolve(response(routed, fold.result(), begun))
    } catch (error) {
      done.reject(error)
      throw error
    } finally {
      done.reject(new ProviderError('client_closed', 'the stream was left before its end'))
    }
  }
  const iterator = events()
  return { response: done.promise, [Symbol.asyncIterator]: () => iterator }
}

function send(
  core: RouterCore,
  messages: readonly ChatMessage[] | string,
  options: ChatOptions,
): Promise<Routed> {
  // The same door as the gateway's: one reader, one set of checks, one way to say what is wrong.
  const body = Buffer.from(JSON.stringify(bodyOf(messages, options)))
  return core.send(draftFromBytes(dialectNamed('openai-chat'), body), {
    client: 'library',
    ...(options.signal === undefined ? {} : { signal: options.signal }),
    ...(options.preferProvider === undefined ? {} : { preferProvider: options.preferProvider }),
    ...(options.maxWaitMs === undefined ? {} : { maxWaitMs: options.maxWaitMs }),
    ...(options.requestId === undefined ? {} : { id: options.requestId }),
  })
}

function bodyOf(messages: readonly ChatMessage[] | string, options: ChatOptions): JsonObject {
  if (typeof messages !== 'string' && !Array.isArray(messages)) {
    throw new RequestError(
      'invalid_request',
      'messages must be a string or a list of { role, content }',
      'messages',
    )
  }
  const list = typeof messages === 'string' ? [{ role: 'user', content: messages }] : messages
  return {
    ...(options.extra as JsonObject | undefined),
    model: options.model ?? 'auto',
    messages: list as unknown as Json,
    stream: options.stream === true,
    ...(options.maxTokens === undefined ? {} : { max_tokens: options.maxTokens }),
    ...(options.temperature === undefined ? {} : { temperature: options.temperature }),
    ...(options.tools === undefined ? {} : { tools: options.tools as Json }),
    ...(options.toolChoice === undefined ? {} : { tool_choice: options.toolChoice as Json }),
    ...(options.responseFormat === undefined ? {} : { response_format: options.responseFormat as Json }),
  }
}

function response(routed: Routed, result: ChatResult, begun: number): ChatResponse {
  const usage = result.usage ?? routed.bill.usage
  const { nanoUsd } = routed.bill
  return {
    content: result.text,
    reasoning: result.reasoning,
    toolCalls: result.toolCalls,
    model: routed.model,
    provider: routed.provider,
    keyId: routed.keyMasked,
    keyName: routed.keyName,
    tokensUsed: (usage?.input ?? 0) + (usage?.output ?? 0),
    tokens: {
      input: usage?.input ?? 0,
      output: usage?.output ?? 0,
      ...(usage?.cached === undefined ? {} : { cached: usage.cached }),
      ...(usage?.reasoning === undefined ? {} : { reasoning: usage.reasoning }),
    },
    cost: nanoUsd === undefined ? null : nanoUsd / 1e9,
    latencyMs: Math.round(performance.now() - begun),
    attempts: routed.attempts,
    finishReason: result.finish,
    requestId: routed.id,
  }
}
