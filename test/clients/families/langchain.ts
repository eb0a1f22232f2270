import { ChatAnthropic } from '@langchain/anthropic'
import type { BaseChatModel } from '@langchain/core/language_models/chat_models'
import {
  type AIMessage,
  type AIMessageChunk,
  type BaseMessage,
  HumanMessage,
  ToolMessage,
  type UsageMetadata,
} from '@langchain/core/messages'
import { ChatOllama, OllamaEmbeddings } from '@langchain/ollama'
import { ChatOpenAI, OpenAIEmbeddings } from '@langchain/openai'
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
import { dataUrl } from '../reading.ts'

const maxTurns = 4

interface Manner {
  readonly name: string
  readonly package: string
  readonly dialect: ClientDialect
  readonly finish: ClientUnderTest['finish']
  readonly requestsWhenSpent: number
  readonly cannot: Remarks
  model(door: Door, turn: Turn): BaseChatModel
  readonly embed?: (door: Door, model: string, texts: readonly string[]) => Promise<number[][]>
}

const noList = { models: 'LangChain has no function that lists models.' }

function retriesOf({ retries }: Door): { readonly maxRetries?: number } {
  return retries === undefined ? {} : { maxRetries: retries }
}

function openai(door: Door, turn: Turn, useResponsesApi: boolean): ChatOpenAI {
  return new ChatOpenAI({
    model: turn.model,
    apiKey: door.key,
    configuration: { baseURL: `${door.origin}/v1` },
    useResponsesApi,
    ...(turn.maxTokens === undefined ? {} : { maxTokens: turn.maxTokens }),
    ...(turn.reasoning === true ? thinking(useResponsesApi) : {}),
    ...retriesOf(door),
  })
}

/** Its own `reasoning` option it sends only for names of OpenAI's models. */
function thinking(useResponsesApi: boolean): object {
  return {
    modelKwargs: useResponsesApi
      ? { reasoning: { effort: 'low', summary: 'auto' } }
      : { reasoning_effort: 'low' },
  }
}

const manners: readonly Manner[] = [
  {
    name: 'LangChain, ChatOpenAI',
    package: '@langchain/openai',
    dialect: 'chat',
    finish: { stop: 'stop', length: 'length' },
    requestsWhenSpent: 1,
    cannot: {
      ...noList,
      reasoning: {
        openrouter:
          'In Chat Completions it reads `reasoning_content` only; OpenRouter sends `reasoning`, and its bytes are passed on as they come. Use ChatOpenAI with Responses.',
      },
    },
    model: (door, turn) => openai(door, turn, false),
    embed: (door, model, texts) => {
      const configuration = { baseURL: `${door.origin}/v1` }
      return new OpenAIEmbeddings({
        model,
        apiKey: door.key,
        configuration,
        ...retriesOf(door),
      }).embedDocuments([...texts])
    },
  },
  {
    name: 'LangChain, ChatOpenAI (responses)',
    package: '@langchain/openai',
    dialect: 'responses',
    finish: { stop: 'completed', length: 'max_output_tokens' },
    requestsWhenSpent: 1,
    cannot: { ...noList, embeddings: '`OpenAIEmbeddings` has been run in the row above.' },
    model: (door, turn) => openai(door, turn, true),
  },
  {
    name: 'LangChain, ChatAnthropic',
    package: '@langchain/anthropic',
    dialect: 'messages',
    finish: { stop: 'end_turn', length: 'max_tokens' },
    requestsWhenSpent: 1,
    cannot: {
      ...noList,
      embeddings: 'The Messages API has no embeddings.',
      usage:
        'It takes the input tokens of a stream from its first event, before they are known: they are an estimate.',
    },
    model: (door, turn) =>
      new ChatAnthropic({
        model: turn.model,
        anthropicApiKey: door.key,
        anthropicApiUrl: door.origin,
        maxTokens: turn.maxTokens ?? 4096,
        ...(turn.reasoning === true ? { thinking: { type: 'enabled', budget_tokens: 1024 } } : {}),
        ...retriesOf(door),
      }),
  },
  {
    name: 'LangChain, ChatOllama',
    package: '@langchain/ollama',
    dialect: 'ollama',
    finish: { stop: 'stop', length: 'length' },
    requestsWhenSpent: 1,
    cannot: { ...noList, wait: 'It never asks again by itself; the error says when to.' },
    model: (door, turn) =>
      new ChatOllama({
        model: turn.model,
        baseUrl: door.origin,
        headers: { authorization: `Bearer ${door.key}` },
        ...(turn.maxTokens === undefined ? {} : { numPredict: turn.maxTokens }),
        ...(turn.reasoning === true ? { think: true } : {}),
        ...retriesOf(door),
      }),
    embed: (door, model, texts) => {
      const headers = { authorization: `Bearer ${door.key}` }
      return new OllamaEmbeddings({
        model,
        baseUrl: door.origin,
        headers,
        ...retriesOf(door),
      }).embedDocuments([...texts])
    },
  },
]

export const langchainClients: readonly ClientUnderTest[] = manners.map(
  ({ model, embed, ...rest }): ClientUnderTest => ({
    ...rest,
    // LangChain passes on the errors of what it is built on, which have no class of its own.
    refusal: (error, status) =>
      error instanceof Error && statusOf(error) === status ? error.message : undefined,
    open: (door) =>
      openSession((turn) => model(door, turn), embed && ((id, texts) => embed(door, id, texts))),
  }),
)

function statusOf(error: Error): unknown {
  return 'status' in error ? error.status : 'status_code' in error ? error.status_code : undefined
}

function openSession(modelFor: (turn: Turn) => BaseChatModel, embed: Session['embed']): Session {
  return {
    whole: async (turn) => said(await modelFor(turn).invoke([messageOf(turn)], signalOf(turn))),
    async streamed(turn, onText) {
      let whole: AIMessageChunk | undefined
      for await (const chunk of await modelFor(turn).stream([messageOf(turn)], signalOf(turn))) {
        onText(chunk.text)
        whole = whole === undefined ? chunk : whole.concat(chunk)
      }
      if (whole === undefined) throw new Error('the stream was empty')
      return said(whole)
    },
    tools: (turn, tools) =>
      toolRound(modelFor(turn), turn, tools, (model, messages) => model.invoke(messages)),
    toolsStreamed: (turn, tools) =>
      toolRound(modelFor(turn), turn, tools, async (model, messages) => {
        let whole: AIMessageChunk | undefined
        for await (const chunk of await model.stream(messages))
          whole = whole === undefined ? chunk : whole.concat(chunk)
        if (whole === undefined) throw new Error('the stream was empty')
        return whole
      }),
    async structured(turn, schema) {
      const model = modelFor(turn).withStructuredOutput(
        { title: 'forecast', ...schema },
        { name: 'forecast' },
      )
      return model.invoke([messageOf(turn)])
    },
    ...(embed === undefined ? {} : { embed }),
  }
}

type Bound = ReturnType<NonNullable<BaseChatModel['bindTools']>>

async function toolRound(
  model: BaseChatModel,
  turn: Turn,
  tools: readonly Tool[],
  ask: (model: Bound, messages: BaseMessage[]) => Promise<AIMessage | AIMessageChunk>,
): Promise<string> {
  const bound = model.bindTools?.(
    tools.map(({ name, description, parameters }) => ({
      type: 'function',
      function: { name, description, parameters },
    })),
  )
  if (bound === undefined) throw new Error('the model takes no tools')
  const messages: BaseMessage[] = [messageOf(turn)]
  for (let round = 0; round < maxTurns; round++) {
    const message = await ask(bound, messages)
    const calls = message.tool_calls ?? []
    if (calls.length === 0) return message.text
    messages.push(message)
    for (const { id = '', name, args } of calls) {
      const content = tools.find((tool) => tool.name === name)?.run(args) ?? ''
      messages.push(new ToolMessage({ content, tool_call_id: id, name }))
    }
  }
  throw new Error('it calls tools for ever')
}

function messageOf({ text, pngBase64 }: Turn): HumanMessage {
  if (pngBase64 === undefined) return new HumanMessage(text)
  return new HumanMessage({
    content: [
      { type: 'text', text },
      { type: 'image_url', image_url: { url: dataUrl(pngBase64) } },
    ],
  })
}

function signalOf({ signal }: Turn): { readonly signal?: AbortSignal } {
  return signal === undefined ? {} : { signal }
}

function said(message: AIMessage): Said {
  const { response_metadata: facts, additional_kwargs: extra } = message
  // The type of this member is lost on the way through the message structure.
  const usage = message.usage_metadata as UsageMetadata | undefined
  // ChatAnthropic tells the end of a stream among the additional members.
  const told = { ...facts, ...extra } as {
    readonly finish_reason?: string
    readonly stop_reason?: string
    readonly done_reason?: string
    readonly status?: string
    readonly incomplete_details?: { readonly reason: string } | null
  }
  const thoughts = message.contentBlocks.flatMap((block) =>
    block.type === 'reasoning' ? [block.reasoning] : [],
  )
  // Not every model class turns this member into a content block.
  const kept = extra['reasoning_content']
  const reasoning = thoughts.length > 0 ? thoughts.join('') : typeof kept === 'string' ? kept : undefined
  return {
    text: message.text,
    finish:
      told.finish_reason ??
      told.stop_reason ??
      told.done_reason ??
      told.incomplete_details?.reason ??
      told.status,
    inputTokens: usage?.input_tokens,
    outputTokens: usage?.output_tokens,
    ...(reasoning === undefined ? {} : { reasoning }),
  }
}
