import { createAnthropic } from '@ai-sdk/anthropic'
import { createOpenAI } from '@ai-sdk/openai'
import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import { createOpenRouter } from '@openrouter/ai-sdk-provider'
import {
  APICallError,
  type EmbeddingModel,
  embedMany,
  generateText,
  jsonSchema,
  type LanguageModel,
  type ModelMessage,
  Output,
  RetryError,
  stepCountIs,
  streamText,
  tool,
  type ToolSet,
} from 'ai'
import { createOllama } from 'ollama-ai-provider-v2'
import type {
  ClientDialect,
  ClientUnderTest,
  Door,
  Remarks,
  Said,
  Session,
  Tool,
  Turn,
} from '../client-under-test.ts'

type ProviderOptions = NonNullable<Parameters<typeof generateText>[0]['providerOptions']>

interface Provider {
  model(id: string): LanguageModel
  /** What it takes in a form of its own. */
  options?(turn: Turn): ProviderOptions
  embedding?(id: string): EmbeddingModel
}

interface Peculiar {
  readonly cannot?: Remarks
  readonly notes?: Remarks
  /** The member of its error that has the gateway's message. */
  readonly told?: 'message' | 'responseBody'
}

/** A provider of the AI SDK, through `generateText` and `streamText`. */
function aiSdk(
  name: string,
  folder: string,
  dialect: ClientDialect,
  connect: (door: Door) => Provider,
  { cannot = {}, notes = {}, told = 'message' }: Peculiar = {},
): ClientUnderTest {
  return {
    name: `AI SDK, ${name}`,
    package: folder,
    dialect,
    finish: { stop: 'stop', length: 'length' },
    // Two more after 2 s and 4 s: it neither sits out more than a minute nor reads `x-should-retry`.
    requestsWhenSpent: 3,
    cannot: { models: 'The AI SDK has no function that lists models.', ...cannot },
    notes,
    refusal: (error, status) => {
      const last = RetryError.isInstance(error) ? error.lastError : error
      return APICallError.isInstance(last) && last.statusCode === status ? last[told] : undefined
    },
    open: (door) => openSession(connect(door), door.retries),
  }
}

export const aiSdkClients: readonly ClientUnderTest[] = [
  aiSdk('openai-compatible', '@ai-sdk/openai-compatible', 'chat', ({ origin, key }) => {
    const provider = createOpenAICompatible({
      name: 'switchyard',
      baseURL: `${origin}/v1`,
      apiKey: key,
      includeUsage: true,
      supportsStructuredOutputs: true,
    })
    return { model: (id) => provider(id), embedding: (id) => provider.embeddingModel(id) }
  }),
  aiSdk('openai (responses)', '@ai-sdk/openai', 'responses', ({ origin, key }) => {
    const provider = createOpenAI({ baseURL: `${origin}/v1`, apiKey: key })
    return {
      model: (id) => provider(id),
      // By itself it sends what belongs to reasoning only for names of OpenAI's models.
      options: ({ reasoning }) =>
        reasoning === true ? { openai: { forceReasoning: true, reasoningSummary: 'auto' } } : {},
      embedding: (id) => provider.embedding(id),
    }
  }),
  aiSdk(
    'openai.chat',
    '@ai-sdk/openai',
    'chat',
    ({ origin, key }) => {
      const provider = createOpenAI({ baseURL: `${origin}/v1`, apiKey: key })
      return { model: (id) => provider.chat(id), embedding: (id) => provider.embedding(id) }
    },
    { cannot: { reasoning: 'Its Chat Completions model drops the reasoning of an answer.' } },
  ),
  aiSdk(
    'anthropic',
    '@ai-sdk/anthropic',
    'messages',
    ({ origin, key }) => {
      const provider = createAnthropic({ baseURL: `${origin}/v1`, apiKey: key })
      return { model: (id) => provider(id) }
    },
    { cannot: { embeddings: 'The Messages API has no embeddings.' } },
  ),
  aiSdk('openrouter', '@openrouter/ai-sdk-provider', 'chat', ({ origin, key }) => {
    // In the other mode it does not ask for the usage of a stream.
    const provider = createOpenRouter({ baseURL: `${origin}/v1`, apiKey: key, compatibility: 'strict' })
    return {
      model: (id) => provider(id),
      // It takes no notice of the option that all other providers read.
      options: ({ reasoning }) =>
        reasoning === true ? { openrouter: { reasoning: { effort: 'low' } } } : {},
      embedding: (id) => provider.textEmbeddingModel(id),
    }
  }),
  aiSdk(
    'ollama',
    'ollama-ai-provider-v2',
    'ollama',
    ({ origin, key }) => {
      const provider = createOllama({
        baseURL: `${origin}/api`,
        headers: { authorization: `Bearer ${key}` },
      })
      return {
        model: (id) => provider(id),
        // It sends the limit that all other providers take under a name that Ollama does not know.
        options: ({ maxTokens }) =>
          maxTokens === undefined ? {} : { ollama: { options: { num_predict: maxTokens } } },
        embedding: (id) => provider.textEmbeddingModel(id),
      }
    },
    {
      cannot: {
        broken: 'It writes the error to the console and ends the stream as if it were complete.',
      },
      notes: {
        error:
          'It looks for the text in the form of OpenAI; the `message` of its error is the status, `responseBody` tells what happened.',
      },
      told: 'responseBody',
    },
  ),
]

function openSession({ model, options, embedding }: Provider, retries: number | undefined): Session {
  const callOf = (turn: Turn): Call => ({
    model: model(turn.model),
    messages: [messageOf(turn)],
    ...(turn.maxTokens === undefined ? {} : { maxOutputTokens: turn.maxTokens }),
    ...(turn.signal === undefined ? {} : { abortSignal: turn.signal }),
    ...(turn.reasoning === true ? { reasoning: 'low' } : {}),
    ...(options === undefined ? {} : { providerOptions: options(turn) }),
    ...(retries === undefined ? {} : { maxRetries: retries }),
  })
  return {
    async whole(turn) {
      const { text, finishReason, usage, reasoningText } = await generateText(callOf(turn))
      return said(text, finishReason, usage, reasoningText)
    },
    streamed: (turn, onText) => readStream(callOf(turn), onText),
    async tools(turn, tools) {
      const { text } = await generateText({
        ...callOf(turn),
        tools: toolSet(tools),
        stopWhen: stepCountIs(4),
      })
      return text
    },
    async toolsStreamed(turn, tools) {
      const steps = { ...callOf(turn), tools: toolSet(tools), stopWhen: stepCountIs(4) }
      return (await readStream(steps, () => {})).text
    },
    async structured(turn, schema) {
      const output = Output.object({ schema: jsonSchema({ ...schema, required: [...schema.required] }) })
      return (await generateText({ ...callOf(turn), output })).output
    },
    ...(embedding === undefined
      ? {}
      : {
          embed: async (id, texts) => {
            const maxRetries = retries ?? 0
            return (await embedMany({ model: embedding(id), values: [...texts], maxRetries })).embeddings
          },
        }),
  }
}

interface Call {
  readonly model: LanguageModel
  readonly messages: ModelMessage[]
  readonly maxOutputTokens?: number
  readonly abortSignal?: AbortSignal
  readonly reasoning?: 'low'
  readonly maxRetries?: number
  readonly providerOptions?: ProviderOptions
}

type Steps = Call & { readonly tools?: ToolSet; readonly stopWhen?: ReturnType<typeof stepCountIs> }

/** `streamText` throws nothing: errors come as parts of the stream. */
async function readStream(steps: Steps, onText: (piece: string) => void): Promise<Said> {
  const result = streamText({ ...steps, onError: () => {} })
  for await (const part of result.fullStream) {
    if (part.type === 'text-delta') onText(part.text)
    else if (part.type === 'error') throw part.error
    else if (part.type === 'abort') throw new Error('aborted')
  }
  return said(await result.text, await result.finishReason, await result.usage, await result.reasoningText)
}

function messageOf({ text, pngBase64 }: Turn): ModelMessage {
  if (pngBase64 === undefined) return { role: 'user', content: text }
  return {
    role: 'user',
    content: [
      { type: 'text', text },
      { type: 'file', mediaType: 'image/png', data: pngBase64 },
    ],
  }
}

function toolSet(tools: readonly Tool[]): ToolSet {
  return Object.fromEntries(
    tools.map(({ name, description, parameters, run }) => {
      const inputSchema = jsonSchema({ ...parameters, required: [...parameters.required] })
      return [name, tool({ description, inputSchema, execute: run })]
    }),
  )
}

function said(
  text: string,
  finish: string,
  usage: { readonly inputTokens: number | undefined; readonly outputTokens: number | undefined },
  reasoning: string | undefined,
): Said {
  return {
    text,
    finish,
    inputTokens: usage.inputTokens,
    outputTokens: usage.outputTokens,
    ...(reasoning === undefined ? {} : { reasoning }),
  }
}
