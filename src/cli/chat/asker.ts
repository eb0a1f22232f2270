import type { ChatEvent, Json } from '../../chat/types.ts'
import { hasKeys, load, routerSettings } from '../../config/load.ts'
import { dialectNamed } from '../../dialects/index.ts'
import { ConfigError, ProviderError } from '../../errors.ts'
import type { ChatMessage } from '../../library/chat.ts'
import { routerOf } from '../../library/create-router.ts'
import { createCore } from '../../routing/core.ts'
import { createFramer } from '../../wire/frames.ts'
import { askGateway, reach } from '../gateway-client.ts'
import { createLog, logLevel } from '../log.ts'
import { localGateway, serverSettings } from '../settings.ts'

/** Who answered with what, for how much: known once an answer is complete. */
export interface Facts {
  readonly provider: string
  readonly model: string
  readonly key: string
  /** Undefined: nobody said. */
  readonly tokens?: number
  readonly nanoUsd?: number
}

/** Answers as events; the last one says who answered. */
export type Ask = (
  messages: readonly ChatMessage[],
  model: string,
  signal: AbortSignal,
) => AsyncIterable<ChatEvent | { readonly type: 'facts'; readonly facts: Facts }>

export interface Asker extends AsyncDisposable {
  readonly ask: Ask
  /** Why a model cannot be asked, in words; undefined: it can, as far as is known. */
  refusal(model: string): Promise<string | undefined>
}

/** Through the running gateway if there is one, else with a router of its own. `provider` is preferred. */
export async function createAsker(provider: string | undefined): Promise<Asker> {
  const loaded = load({ environment: process.env })
  const gateway = localGateway(serverSettings(process.env, loaded.file), loaded.home)
  const running = await reach(`${gateway.url}/healthz`, gateway.clientKey).catch(() => undefined)
  if (running !== undefined) {
    return {
      ask: (messages, model, signal) => throughGateway(gateway, messages, { model, provider }, signal),
      refusal: (model) => refusalOf(gateway, model),
      [Symbol.asyncDispose]: async () => {},
    }
  }
  if (!hasKeys(loaded.providers))
    throw new ConfigError(
      `no gateway answers at ${gateway.url}, and there are no keys to ask with. Try it without keys: switchyard start`,
    )
  const router = routerOf(
    // One question is no service: its log is silent unless the variable asks for it.
    createCore(routerSettings(loaded, { log: createLog(logLevel(process.env, {}, 'silent')) })),
  )
  async function* byItself(
    messages: readonly ChatMessage[],
    model: string,
    signal: AbortSignal,
  ): ReturnType<Ask> {
    const stream = router.chat(messages, {
      stream: true,
      signal,
      model,
      ...(provider === undefined ? {} : { preferProvider: provider }),
    })
    yield* stream
    const answer = await stream.response
    const { keyName: key, tokensUsed: tokens, cost } = answer
    const nanoUsd = cost === null ? {} : { nanoUsd: cost * 1e9 }
    yield {
      type: 'facts',
      facts: { provider: answer.provider, model: answer.model, key, tokens, ...nanoUsd },
    }
  }
  return { ask: byItself, refusal: async () => undefined, [Symbol.asyncDispose]: () => router.close() }
}

interface Gateway {
  readonly url: string
  readonly clientKey: string
  readonly adminKey: string
}

async function* throughGateway(
  gateway: Gateway,
  messages: readonly ChatMessage[],
  { model, provider }: { readonly model: string; readonly provider: string | undefined },
  signal: AbortSignal,
): ReturnType<Ask> {
  const body = {
    model,
    messages: messages as unknown as Json,
    stream: true,
    stream_options: { include_usage: true },
  }
  const extra = provider === undefined ? {} : { 'x-switchyard-provider': provider }
  const reply = await reach(`${gateway.url}/v1/chat/completions`, gateway.clientKey, {
    body,
    signal,
    headers: extra,
    // Headers leave with the first content, which may take as long as the router's own deadlines allow.
    headMs: 300_000,
  })
  if (reply?.body == null) throw new ProviderError('unavailable', 'the gateway went away')
  const framer = createFramer('sse')
  const decoder = dialectNamed('openai-chat').decoder()
  let tokens: number | undefined
  for await (const chunk of reply.body) {
    for (const frame of framer.feed(chunk)) {
      for (const event of decoder.push(frame)) {
        if (event.type === 'usage') tokens = event.usage.input + event.usage.output
        yield event
      }
    }
  }
  const header = (name: string): string => reply.headers.get(`x-switchyard-${name}`) ?? '?'
  const nanoUsd = await costOf(gateway, reply.headers.get('x-request-id'))
  const facts = { provider: header('provider'), model: header('model'), key: header('key') }
  yield {
    type: 'facts',
    facts: {
      ...facts,
      ...(tokens === undefined ? {} : { tokens }),
      ...(nanoUsd === undefined ? {} : { nanoUsd }),
    },
  }
}

/** What a request cost, all its attempts together; its row is on disk before the answer's last byte. */
async function costOf(gateway: Gateway, id: string | null): Promise<number | undefined> {
  if (id === null || gateway.adminKey === '') return undefined
  const query = `limit=20&call=${encodeURIComponent(id)}`
  const found = await askGateway(`${gateway.url}/admin/attempts?${query}`, gateway.adminKey).catch(
    () => undefined,
  )
  const { attempts = [] } = (found ?? {}) as { attempts?: { nanoUsd?: number }[] }
  const costs = attempts.map(({ nanoUsd }) => nanoUsd)
  if (costs.length === 0 || costs.includes(undefined)) return undefined
  return costs.reduce<number>((sum, each) => sum + (each ?? 0), 0)
}

async function refusalOf({ url, clientKey }: Gateway, model: string): Promise<string | undefined> {
  try {
    await reach(`${url}/v1/models/${encodeURIComponent(model)}`, clientKey)
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
