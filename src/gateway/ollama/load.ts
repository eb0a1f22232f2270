import type { Json, JsonObject } from '../../chat/types.ts'
import { dialectNamed } from '../../dialects/index.ts'
import { readJsonBody } from '../body.ts'
import { inference } from '../inference.ts'
import type { Exchange, Handler } from '../route.ts'
import { sendLine } from './lines.ts'
import { knownModel } from './models.ts'

/** How a request of one path asks for nothing but a loaded model, and how it is answered. */
interface Loading {
  asksNothing(body: JsonObject): boolean
  answer(model: string): JsonObject
}

type Loadable = 'ollama' | 'ollama-generate' | 'ollama-embed' | 'ollama-embeddings'

const loadings: Readonly<Record<Loadable, Loading>> = {
  ollama: {
    asksNothing: ({ messages }) => isEmpty(messages),
    answer: (model) => ({ model, message: { role: 'assistant', content: '' } }),
  },
  'ollama-generate': {
    asksNothing: ({ prompt, images, suffix }) => [prompt, images, suffix].every(isEmpty),
    answer: (model) => ({ model, response: '' }),
  },
  'ollama-embed': {
    asksNothing: ({ model, input }) => !isEmpty(model) && isEmpty(input),
    answer: (model) => ({ model, embeddings: [] }),
  },
  'ollama-embeddings': {
    asksNothing: ({ model, prompt }) => !isEmpty(model) && isEmpty(prompt),
    answer: () => ({ embedding: [] }),
  },
}

// Without a question there is little else: longer requests are not read twice.
const mostBytes = 4096

/**
 * Inference, except for requests without a question: clients send them to have a model loaded, or unloaded, before they
 * ask (https://docs.ollama.com/faq, on preloading). They are answered at once and cost nothing.
 */
export function inferenceOrLoad(name: Loadable): Handler {
  const infer = inference(name)
  const loading = loadings[name]
  const { kind } = dialectNamed(name)
  return async (exchange) => {
    const bytes = await readJsonBody(exchange.request, exchange.context.maxBodyBytes)
    const body = bytes.length > mostBytes ? undefined : parse(bytes)
    if (body === undefined || !loading.asksNothing(body)) return infer({ ...exchange, body: bytes })
    const model = typeof body.model === 'string' && body.model.trim() !== '' ? body.model : 'auto'
    const { response } = exchange
    const headers = ['x-request-id', exchange.id, ...exchange.context.headers]
    // Lists hold few of the models that embed.
    if (kind === 'embeddings') return sendLine(response, loading.answer(model), false, headers)
    await knownModel(exchange.context.core, model)
    const answer = { ...loading.answer(model), ...loaded(body, exchange) }
    sendLine(response, answer, body.stream !== false, headers)
  }
}

function loaded({ keep_alive }: JsonObject, { context }: Exchange): JsonObject {
  return {
    created_at: new Date(context.now()).toISOString(),
    done: true,
    done_reason: isZero(keep_alive) ? 'unload' : 'load',
  }
}

/** A body that is no object is left to the dialect, which says what is wrong with it. */
function parse(bytes: Buffer): JsonObject | undefined {
  try {
    const value = JSON.parse(bytes.toString()) as Json
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as JsonObject)
      : undefined
  } catch {
    return undefined
  }
}

function isEmpty(value: Json | undefined): boolean {
  return value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0)
}

/** Seconds as a number, or a duration such as `0s`. */
function isZero(keepAlive: Json | undefined): boolean {
  return keepAlive === 0 || (typeof keepAlive === 'string' && /^0+[a-z]*$/.test(keepAlive))
}
