import { type ChatResponse, Ollama, type Message } from 'ollama'
import type { ClientUnderTest, Said, Session, Tool, Turn } from '../client-under-test.ts'

const maxTurns = 4

interface Request {
  model: string
  messages: Message[]
  think?: boolean
  options?: { num_predict: number }
}

/** The `ollama` package over the native API. */
export const ollamaClients: readonly ClientUnderTest[] = [
  {
    name: 'ollama',
    package: 'ollama',
    dialect: 'ollama',
    finish: { stop: 'stop', length: 'length' },
    requestsWhenSpent: 1,
    cannot: { wait: 'It never asks again by itself; the error says when to.' },
    // The class is not exported.
    refusal: (error, status) =>
      error instanceof Error &&
      error.name === 'ResponseError' &&
      'status_code' in error &&
      error.status_code === status
        ? error.message
        : undefined,
    open: ({ origin, key }) =>
      openSession(() => new Ollama({ host: origin, headers: { authorization: `Bearer ${key}` } })),
  },
]

function openSession(connect: () => Ollama): Session {
  const client = connect()
  return {
    whole: async (turn) => said([await client.chat({ ...requestOf(turn), stream: false })]),
    async streamed(turn, onText) {
      // A client aborts all of its streams at once, and takes no signal.
      const own = connect()
      turn.signal?.addEventListener('abort', () => own.abort())
      const parts: ChatResponse[] = []
      for await (const part of await own.chat({ ...requestOf(turn), stream: true })) {
        parts.push(part)
        onText(part.message.content)
      }
      return said(parts)
    },
    tools: (turn, tools) =>
      toolRound(requestOf(turn), tools, async (request) => {
        const { message } = await client.chat({ ...request, tools: tools.map(offer), stream: false })
        return [message]
      }),
    toolsStreamed: (turn, tools) =>
      toolRound(requestOf(turn), tools, async (request) => {
        const messages: Message[] = []
        const parts = await client.chat({ ...request, tools: tools.map(offer), stream: true })
        for await (const { message } of parts) messages.push(message)
        return messages
      }),
    async structured(turn, schema) {
      const { message } = await client.chat({ ...requestOf(turn), format: schema, stream: false })
      return JSON.parse(message.content)
    },
    models: async () => (await client.list()).models.map(({ model }) => model),
    embed: async (model, texts) => (await client.embed({ model, input: [...texts] })).embeddings,
  }
}

/** `ask` resolves with the pieces of one assistant message. */
async function toolRound(
  request: Request,
  tools: readonly Tool[],
  ask: (request: Request) => Promise<readonly Message[]>,
): Promise<string> {
  const messages = [...request.messages]
  for (let turn = 0; turn < maxTurns; turn++) {
    const pieces = await ask({ ...request, messages })
    const content = pieces.map((piece) => piece.content).join('')
    const calls = pieces.flatMap((piece) => piece.tool_calls ?? [])
    if (calls.length === 0) return content
    messages.push({ role: 'assistant', content, tool_calls: calls })
    for (const { function: called } of calls) {
      const result = tools.find((tool) => tool.name === called.name)?.run(called.arguments) ?? ''
      messages.push({ role: 'tool', tool_name: called.name, content: result })
    }
  }
  throw new Error('it calls tools for ever')
}

function requestOf({ model, text, pngBase64, maxTokens, reasoning }: Turn): Request {
  const message: Message = { role: 'user', content: text }
  if (pngBase64 !== undefined) message.images = [pngBase64]
  return {
    model,
    messages: [message],
    ...(maxTokens === undefined ? {} : { options: { num_predict: maxTokens } }),
    ...(reasoning === true ? { think: true } : {}),
  }
}

function offer({ name, description, parameters }: Tool): {
  type: 'function'
  function: { name: string; description: string; parameters: object }
} {
  return { type: 'function', function: { name, description, parameters } }
}

function said(parts: readonly ChatResponse[]): Said {
  const last = parts.at(-1)
  const thoughts = parts.flatMap(({ message }) => message.thinking ?? [])
  return {
    text: parts.map(({ message }) => message.content).join(''),
    finish: last?.done_reason,
    inputTokens: last?.prompt_eval_count,
    outputTokens: last?.eval_count,
    ...(thoughts.length === 0 ? {} : { reasoning: thoughts.join('') }),
  }
}
