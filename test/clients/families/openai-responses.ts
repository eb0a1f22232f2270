import OpenAI from 'openai'
import OpenAI6 from 'openai-6'
import type { ClientUnderTest, Remarks, Said, Session, Tool, Turn } from '../client-under-test.ts'
import { dataUrl } from '../reading.ts'
import { openaiClient, openaiRefusal } from './openai-chat.ts'

type Response = OpenAI.Responses.Response
type Input = OpenAI.Responses.ResponseInputItem[]
type Body = Pick<
  OpenAI.Responses.ResponseCreateParamsNonStreaming,
  'model' | 'input' | 'max_output_tokens' | 'reasoning' | 'store'
> & { readonly input: Input }

const maxTurns = 4

/** The `openai` package over Responses, without state on the server: each turn sends the whole conversation. */
function openaiResponses(
  name: string,
  folder: string,
  Client: typeof OpenAI,
  notes: Remarks = {},
): ClientUnderTest {
  return {
    name,
    package: folder,
    dialect: 'responses',
    finish: { stop: 'completed', length: 'max_output_tokens' },
    requestsWhenSpent: 1,
    cannot: {
      models: 'The same function as in the row of Chat Completions, which has run it.',
      embeddings: 'The same function as in the row of Chat Completions, which has run it.',
    },
    notes,
    refusal: (error, status) => openaiRefusal(error, status, Client),
    open: (door) => openSession(openaiClient(door, Client)),
  }
}

export const openaiResponsesClients: readonly ClientUnderTest[] = [
  openaiResponses('openai 7, responses', 'openai', OpenAI),
  openaiResponses('openai 6, responses', 'openai-6', OpenAI6 as unknown as typeof OpenAI, {
    broken: 'It rejects with the event of the stream, which has a `message` and is no `Error`.',
  }),
]

function openSession({ responses }: OpenAI): Session {
  const whole = async (body: Body, tools: readonly Tool[] = []): Promise<Response> =>
    responses.create({ ...body, ...offer(tools) })
  const streamed = async (body: Body, tools: readonly Tool[] = []): Promise<Response> =>
    responses.stream({ ...body, ...offer(tools) }).finalResponse()
  return {
    whole: async (turn) => said(await responses.create(bodyOf(turn), options(turn))),
    async streamed(turn, onText) {
      const stream = responses.stream(bodyOf(turn), options(turn))
      stream.on('response.output_text.delta', ({ delta }) => onText(delta))
      return said(await stream.finalResponse())
    },
    tools: (turn, tools) => toolRound(bodyOf(turn), tools, whole),
    toolsStreamed: (turn, tools) => toolRound(bodyOf(turn), tools, streamed),
    async structured(turn, schema) {
      const format = { type: 'json_schema', name: 'forecast', schema: { ...schema }, strict: true } as const
      return (await responses.parse({ ...bodyOf(turn), text: { format } })).output_parsed
    },
  }
}

async function toolRound(
  body: Body,
  tools: readonly Tool[],
  ask: (body: Body, tools: readonly Tool[]) => Promise<Response>,
): Promise<string> {
  const input = [...body.input]
  for (let turn = 0; turn < maxTurns; turn++) {
    const { output, output_text: text } = await ask({ ...body, input }, tools)
    const calls = output.filter((item) => item.type === 'function_call')
    if (calls.length === 0) return text
    input.push(...(output as Input))
    for (const { call_id, name, arguments: json } of calls) {
      const result = tools.find((tool) => tool.name === name)?.run(JSON.parse(json)) ?? ''
      input.push({ type: 'function_call_output', call_id, output: result })
    }
  }
  throw new Error('it calls tools for ever')
}

function bodyOf({ model, text, pngBase64, maxTokens, reasoning }: Turn): Body {
  const content: OpenAI.Responses.ResponseInputContent[] = [{ type: 'input_text', text }]
  if (pngBase64 !== undefined)
    content.push({ type: 'input_image', image_url: dataUrl(pngBase64), detail: 'auto' })
  return {
    model,
    input: [{ role: 'user', content }],
    store: false,
    ...(maxTokens === undefined ? {} : { max_output_tokens: maxTokens }),
    ...(reasoning === true ? { reasoning: { effort: 'low', summary: 'auto' } } : {}),
  }
}

function offer(tools: readonly Tool[]): { tools?: OpenAI.Responses.FunctionTool[] } {
  if (tools.length === 0) return {}
  return {
    tools: tools.map(({ name, description, parameters }) => ({
      type: 'function',
      name,
      description,
      parameters: { ...parameters },
      strict: true,
    })),
  }
}

function options({ signal }: Turn): OpenAI.RequestOptions {
  return signal === undefined ? {} : { signal }
}

/** A response that failed in mid-stream is not thrown by the helper; its status is how the user learns of it. */
function said(response: Response): Said {
  const { status, incomplete_details: incomplete, output, output_text: text, usage, error } = response
  if (status !== 'completed' && status !== 'incomplete') throw new Error(`${status}: ${error?.message}`)
  const summaries = output.flatMap((item) => (item.type === 'reasoning' ? item.summary : []))
  return {
    text,
    finish: incomplete?.reason ?? status,
    inputTokens: usage?.input_tokens,
    outputTokens: usage?.output_tokens,
    ...(summaries.length === 0 ? {} : { reasoning: summaries.map((part) => part.text).join('') }),
  }
}
