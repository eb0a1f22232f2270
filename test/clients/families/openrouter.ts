import { HTTPClient, OpenRouter } from '@openrouter/sdk'
import type {
  ChatAssistantMessage,
  ChatContentItems,
  ChatFunctionTool,
  ChatRequest,
  ChatResult,
  ChatStreamChunk,
  ChatToolCall,
  ChatUsage,
} from '@openrouter/sdk/models'
import { OpenRouterError } from '@openrouter/sdk/models/errors'
import type { ClientUnderTest, Said, Session, Tool, Turn } from '../client-under-test.ts'
import { dataUrl } from '../reading.ts'

const maxTurns = 4

/** OpenRouter's own SDK, which checks every member of an answer. */
export const openrouterClients: readonly ClientUnderTest[] = [
  {
    name: '@openrouter/sdk',
    package: '@openrouter/sdk',
    dialect: 'chat',
    finish: { stop: 'stop', length: 'length' },
    requestsWhenSpent: 1,
    cannot: {
      wait: 'It asks again after a 5xx only, never after a 429.',
      models:
        "It needs every member of OpenRouter's own model records; `/v1/models` lists models of several services.",
    },
    notes: {
      broken: 'It checks the event that tells of the error like any other and rejects with a `ZodError`.',
      error:
        'Its error classes need the number that OpenRouter has in `error.code`. With the text that OpenAI has there it throws `ResponseValidationError`, whose `statusCode` and `body` tell what happened.',
    },
    refusal: (error, status) =>
      error instanceof OpenRouterError && error.statusCode === status ? error.body : undefined,
    open: ({ origin, key }) =>
      openSession(
        new OpenRouter({ serverURL: `${origin}/api/v1`, apiKey: key, httpClient: new HTTPClient() }),
      ),
  },
]

function openSession(client: OpenRouter): Session {
  const whole = async (chatRequest: ChatRequest): Promise<ChatResult> => {
    const result = await client.chat.send({ chatRequest: { ...chatRequest, stream: false } })
    if (!('choices' in result)) throw new Error('a stream came that was not asked for')
    return result
  }
  const streamed = async (
    chatRequest: ChatRequest,
    onText: (piece: string) => void,
    signal?: AbortSignal,
  ): Promise<readonly ChatStreamChunk[]> => {
    const streamOptions = { includeUsage: true }
    const stream = await client.chat.send(
      { chatRequest: { ...chatRequest, streamOptions, stream: true } },
      signal === undefined ? {} : { signal },
    )
    if ('choices' in stream) throw new Error('a whole answer came that was not asked for')
    const chunks: ChatStreamChunk[] = []
    for await (const chunk of stream) {
      if (chunk.error !== undefined) throw new Error(chunk.error.message)
      chunks.push(chunk)
      onText(chunk.choices[0]?.delta.content ?? '')
    }
    return chunks
  }
  return {
    async whole(turn) {
      const { choices, usage } = await whole(requestOf(turn))
      return said(choices[0]?.message, choices[0]?.finishReason, usage)
    },
    async streamed(turn, onText) {
      const chunks = await streamed(requestOf(turn), onText, turn.signal)
      const finish = chunks.findLast((chunk) => chunk.choices[0]?.finishReason)?.choices[0]?.finishReason
      return said(messageOf(chunks), finish, chunks.findLast((chunk) => chunk.usage)?.usage)
    },
    tools: (turn, tools) =>
      toolRound(requestOf(turn), tools, async (request) => (await whole(request)).choices[0]?.message),
    toolsStreamed: (turn, tools) =>
      toolRound(requestOf(turn), tools, async (request) => messageOf(await streamed(request, () => {}))),
    async structured(turn, schema) {
      const { choices } = await whole({
        ...requestOf(turn),
        responseFormat: {
          type: 'json_schema',
          jsonSchema: { name: 'forecast', schema: { ...schema }, strict: true },
        },
      })
      return JSON.parse(textOf(choices[0]?.message))
    },
    async models() {
      const ids: string[] = []
      for await (const { result } of await client.models.list()) ids.push(...result.data.map(({ id }) => id))
      return ids
    },
    async embed(model, texts) {
      const result = await client.embeddings.generate({ requestBody: { model, input: [...texts] } })
      if (typeof result === 'string') throw new Error('text came instead of vectors')
      return result.data.map(({ embedding }) => (typeof embedding === 'string' ? [] : embedding))
    },
  }
}

async function toolRound(
  request: ChatRequest,
  tools: readonly Tool[],
  ask: (request: ChatRequest) => Promise<ChatAssistantMessage | undefined>,
): Promise<string> {
  const messages = [...request.messages]
  for (let turn = 0; turn < maxTurns; turn++) {
    const message = await ask({ ...request, messages, tools: tools.map(offer) })
    const calls = message?.toolCalls ?? []
    if (message === undefined || calls.length === 0) return textOf(message)
    messages.push(message)
    for (const { id, function: called } of calls) {
      const result = tools.find(({ name }) => name === called.name)?.run(JSON.parse(called.arguments)) ?? ''
      messages.push({ role: 'tool', toolCallId: id, content: result })
    }
  }
  throw new Error('it calls tools for ever')
}

/** The SDK leaves adding up the pieces of a stream to its user. */
function messageOf(chunks: readonly ChatStreamChunk[]): ChatAssistantMessage {
  const deltas = chunks.flatMap(({ choices }) => choices[0]?.delta ?? [])
  const calls: ChatToolCall[] = []
  for (const { index, id, function: piece } of deltas.flatMap(({ toolCalls }) => toolCalls ?? [])) {
    const call = (calls[index] ??= { id: '', type: 'function', function: { name: '', arguments: '' } })
    call.id ||= id ?? ''
    call.function.name ||= piece?.name ?? ''
    call.function.arguments += piece?.arguments ?? ''
  }
  const thoughts = deltas.flatMap(({ reasoning }) => reasoning ?? [])
  return {
    role: 'assistant',
    content: deltas.map(({ content }) => content ?? '').join(''),
    ...(calls.length === 0 ? {} : { toolCalls: calls }),
    ...(thoughts.length === 0 ? {} : { reasoning: thoughts.join('') }),
  }
}

function requestOf({ model, text, pngBase64, maxTokens, reasoning }: Turn): ChatRequest {
  const content: ChatContentItems[] = [{ type: 'text', text }]
  if (pngBase64 !== undefined) content.push({ type: 'image_url', imageUrl: { url: dataUrl(pngBase64) } })
  return {
    model,
    messages: [{ role: 'user', content }],
    ...(maxTokens === undefined ? {} : { maxTokens }),
    ...(reasoning === true ? { reasoning: { effort: 'low' } } : {}),
  }
}

function offer({ name, description, parameters }: Tool): ChatFunctionTool {
  return { type: 'function', function: { name, description, parameters: { ...parameters } } }
}

function textOf(message: ChatAssistantMessage | undefined): string {
  return typeof message?.content === 'string' ? message.content : ''
}

function said(
  message: ChatAssistantMessage | undefined,
  finish: string | null | undefined,
  usage: ChatUsage | undefined,
): Said {
  return {
    text: textOf(message),
    finish: finish ?? undefined,
    inputTokens: usage?.promptTokens,
    outputTokens: usage?.completionTokens,
    reasoning: message?.reasoning ?? undefined,
  }
}
