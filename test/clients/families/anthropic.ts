import Anthropic from '@anthropic-ai/sdk'
import { jsonSchemaOutputFormat } from '@anthropic-ai/sdk/helpers/json-schema'
import Anthropic0 from 'anthropic-sdk-0'
import type { ClientUnderTest, Door, Said, Session, Tool, Turn } from '../client-under-test.ts'

type Message = Anthropic.Message
type Body = Pick<Anthropic.MessageCreateParamsNonStreaming, 'model' | 'messages' | 'max_tokens' | 'thinking'>

const maxTurns = 4

/** `@anthropic-ai/sdk` over Messages. From 1.0 on it sends the key as a bearer token and another API version. */
function anthropic(name: string, folder: string, Client: typeof Anthropic): ClientUnderTest {
  return {
    name,
    package: folder,
    dialect: 'messages',
    finish: { stop: 'end_turn', length: 'max_tokens' },
    requestsWhenSpent: 1,
    cannot: { embeddings: 'The Messages API has no embeddings.' },
    refusal: (error, status) => {
      const expected = status === 404 ? Client.NotFoundError : Client.RateLimitError
      return error instanceof expected ? error.message : undefined
    },
    open: (door) => openSession(connect(door, Client)),
  }
}

export const anthropicClients: readonly ClientUnderTest[] = [
  anthropic('@anthropic-ai/sdk 1', '@anthropic-ai/sdk', Anthropic),
  // The two majors differ in private types only, as far as this file goes.
  anthropic('@anthropic-ai/sdk 0', 'anthropic-sdk-0', Anthropic0 as unknown as typeof Anthropic),
]

function connect({ origin, key, retries }: Door, Client: typeof Anthropic): Anthropic {
  return new Client({
    baseURL: origin,
    apiKey: key,
    ...(retries === undefined ? {} : { maxRetries: retries }),
  })
}

function openSession(client: Anthropic): Session {
  const { messages } = client
  return {
    whole: async (turn) => said(await messages.create(bodyOf(turn), options(turn))),
    async streamed(turn, onText) {
      const stream = messages.stream(bodyOf(turn), options(turn))
      stream.on('text', onText)
      return said(await stream.finalMessage())
    },
    tools: (turn, tools) =>
      toolRound(bodyOf(turn), tools, (body) => messages.create({ ...body, tools: tools.map(offer) })),
    toolsStreamed: (turn, tools) =>
      toolRound(bodyOf(turn), tools, (body) =>
        messages.stream({ ...body, tools: tools.map(offer) }).finalMessage(),
      ),
    async structured(turn, schema) {
      const format = jsonSchemaOutputFormat({ ...schema, required: [...schema.required] })
      return (await messages.parse({ ...bodyOf(turn), output_config: { format } })).parsed_output
    },
    async models() {
      const ids: string[] = []
      for await (const { id } of client.models.list()) ids.push(id)
      return ids
    },
  }
}

async function toolRound(
  body: Body,
  tools: readonly Tool[],
  ask: (body: Body) => Promise<Message>,
): Promise<string> {
  const messages = [...body.messages]
  for (let turn = 0; turn < maxTurns; turn++) {
    const message = await ask({ ...body, messages })
    const uses = message.content.filter((block) => block.type === 'tool_use')
    if (uses.length === 0) return said(message).text
    const results = uses.map(({ id, name, input }): Anthropic.ToolResultBlockParam => {
      const content = tools.find((tool) => tool.name === name)?.run(input) ?? ''
      return { type: 'tool_result', tool_use_id: id, content }
    })
    messages.push({ role: 'assistant', content: message.content }, { role: 'user', content: results })
  }
  throw new Error('it calls tools for ever')
}

function bodyOf({ model, text, pngBase64, maxTokens, reasoning }: Turn): Body {
  const content: Anthropic.ContentBlockParam[] = [{ type: 'text', text }]
  if (pngBase64 !== undefined)
    content.unshift({ type: 'image', source: { type: 'base64', media_type: 'image/png', data: pngBase64 } })
  return {
    model,
    messages: [{ role: 'user', content }],
    max_tokens: maxTokens ?? 4096,
    ...(reasoning === true ? { thinking: { type: 'enabled', budget_tokens: 1024 } } : {}),
  }
}

function offer({ name, description, parameters }: Tool): Anthropic.Tool {
  return { name, description, input_schema: { ...parameters, required: [...parameters.required] } }
}

function options({ signal }: Turn): { readonly signal?: AbortSignal } {
  return signal === undefined ? {} : { signal }
}

function said({ content, stop_reason: finish, usage }: Message): Said {
  const thoughts = content.flatMap((block) => (block.type === 'thinking' ? [block.thinking] : []))
  return {
    text: content.map((block) => (block.type === 'text' ? block.text : '')).join(''),
    finish: finish ?? undefined,
    inputTokens: usage.input_tokens,
    outputTokens: usage.output_tokens,
    ...(thoughts.length === 0 ? {} : { reasoning: thoughts.join('') }),
  }
}
