import OpenAI from 'openai'
import OpenAI6 from 'openai-6'
import type { ClientUnderTest, Door, Said, Session, Tool, Turn } from '../client-under-test.ts'
import { dataUrl, whatWasHeard } from '../reading.ts'

type Message = OpenAI.ChatCompletionMessage
type Body = Pick<
  OpenAI.ChatCompletionCreateParamsNonStreaming,
  'model' | 'messages' | 'max_tokens' | 'reasoning_effort'
>

/** The `openai` package over Chat Completions, with its own helpers for streams, tools and schemas. */
function openaiChat(name: string, folder: string, Client: typeof OpenAI): ClientUnderTest {
  return {
    name,
    package: folder,
    dialect: 'chat',
    finish: { stop: 'stop', length: 'length' },
    requestsWhenSpent: 1,
    cannot: {},
    refusal: (error, status) => openaiRefusal(error, status, Client),
    open: (door) => openSession(openaiClient(door, Client)),
  }
}

export const openaiChatClients: readonly ClientUnderTest[] = [
  openaiChat('openai 7, chat', 'openai', OpenAI),
  // The two majors differ in private types only, as far as this file goes.
  openaiChat('openai 6, chat', 'openai-6', OpenAI6 as unknown as typeof OpenAI),
]

export function openaiClient({ origin, key, retries }: Door, Client: typeof OpenAI): OpenAI {
  return new Client({
    baseURL: `${origin}/v1`,
    apiKey: key,
    ...(retries === undefined ? {} : { maxRetries: retries }),
  })
}

export function openaiRefusal(error: unknown, status: 404 | 429, Client: typeof OpenAI): string | undefined {
  const expected = status === 404 ? Client.NotFoundError : Client.RateLimitError
  return error instanceof expected ? error.message : undefined
}

function openSession(client: OpenAI): Session {
  const { completions } = client.chat
  return {
    async whole(turn) {
      const { choices, usage } = await completions.create(body(turn), options(turn))
      return said(choices[0], usage)
    },
    async streamed(turn, onText) {
      const stream = completions.stream(
        { ...body(turn), stream_options: { include_usage: true } },
        options(turn),
      )
      stream.on('content', onText)
      // Chat Completions has no reasoning of its own, so the helper does not add its pieces up.
      const reasoning = whatWasHeard()
      stream.on('chunk', ({ choices }) => reasoning.hear(reasoningOf(choices[0]?.delta)))
      const { choices, usage } = await stream.finalChatCompletion()
      return { ...said(choices[0], usage), reasoning: reasoning.text() }
    },
    async tools(turn, tools) {
      const runner = completions.runTools({ ...body(turn), tools: tools.map(runnable) })
      return (await runner.finalContent()) ?? ''
    },
    async toolsStreamed(turn, tools) {
      const runner = completions.runTools({ ...body(turn), tools: tools.map(runnable), stream: true })
      return (await runner.finalContent()) ?? ''
    },
    async structured(turn, schema) {
      const { choices } = await completions.parse({
        ...body(turn),
        response_format: {
          type: 'json_schema',
          json_schema: { name: 'forecast', schema: { ...schema }, strict: true },
        },
      })
      return choices[0]?.message.parsed
    },
    models: () => listModels(client),
    embed: (model, texts) => embed(client, model, texts),
  }
}

function body({ model, text, pngBase64, maxTokens, reasoning }: Turn): Body {
  const content: OpenAI.ChatCompletionContentPart[] = [{ type: 'text', text }]
  if (pngBase64 !== undefined) content.push({ type: 'image_url', image_url: { url: dataUrl(pngBase64) } })
  return {
    model,
    messages: [{ role: 'user', content: pngBase64 === undefined ? text : content }],
    ...(maxTokens === undefined ? {} : { max_tokens: maxTokens }),
    ...(reasoning === true ? { reasoning_effort: 'low' } : {}),
  }
}

function options({ signal }: Turn): OpenAI.RequestOptions {
  return signal === undefined ? {} : { signal }
}

function said(
  choice: { readonly message: Message; readonly finish_reason: string } | undefined,
  usage: OpenAI.CompletionUsage | undefined,
): Said {
  return {
    text: choice?.message.content ?? '',
    finish: choice?.finish_reason,
    inputTokens: usage?.prompt_tokens,
    outputTokens: usage?.completion_tokens,
    reasoning: reasoningOf(choice?.message),
  }
}

/** Members that the types do not know: OpenRouter's `reasoning`, or `reasoning_content` as DeepSeek called it first. */
function reasoningOf(message: object | undefined): string | undefined {
  const told = message as { readonly reasoning?: string; readonly reasoning_content?: string } | undefined
  return told?.reasoning_content ?? told?.reasoning
}

function runnable({ name, description, parameters, run }: Tool): {
  readonly type: 'function'
  readonly function: {
    name: string
    description: string
    parameters: object
    parse: (input: string) => object
    function: (input: object) => string
  }
} {
  return {
    type: 'function',
    function: {
      name,
      description,
      parameters,
      parse: (input) => JSON.parse(input) as object,
      function: run,
    },
  }
}

export async function listModels(client: OpenAI): Promise<readonly string[]> {
  const ids: string[] = []
  for await (const { id } of client.models.list()) ids.push(id)
  return ids
}

/** Without `encoding_format`: the package then asks for base64 and decodes it. */
export async function embed(
  client: OpenAI,
  model: string,
  texts: readonly string[],
): Promise<readonly (readonly number[])[]> {
  const { data } = await client.embeddings.create({ model, input: [...texts] })
  return data.map(({ embedding }) => embedding)
}
