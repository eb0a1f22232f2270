import { createInterface } from 'node:readline/promises'
import type { ChatEvent, Json } from '../chat/types.ts'
import { hasKeys, load, routerSettings } from '../config/load.ts'
import { dialectNamed } from '../dialects/index.ts'
import { ConfigError, ProviderError, RequestError } from '../errors.ts'
import { dollars } from '../ledger/price.ts'
import type { ChatMessage } from '../library/chat.ts'
import { routerOf } from '../library/create-router.ts'
import { createCore } from '../routing/core.ts'
import { createFramer } from '../wire/frames.ts'
import { reach } from './gateway-client.ts'
import { createLog, logLevel } from './log.ts'
import { printable } from './printable.ts'
import { localGateway, serverSettings } from './settings.ts'

export interface ChatFlags {
  readonly model?: string
  readonly provider?: string
}

/** Answers as events, and in the end a line about who answered. */
type Ask = (
  messages: readonly ChatMessage[],
  signal: AbortSignal,
) => AsyncIterable<ChatEvent | { readonly type: 'facts'; readonly text: string }>

/** `switchyard chat [question]`: one question, or a conversation on a terminal. Through the running gateway, else by itself. */
export async function chat(words: readonly string[], flags: ChatFlags): Promise<void> {
  const question =
    words.length > 0 ? words.join(' ') : process.stdin.isTTY ? undefined : await readAll(process.stdin)
  if (question?.trim() === '')
    throw new RequestError('invalid_request', 'there is no question; try: switchyard chat "Hello"')
  await using asker = await createAsker(flags)
  if (question !== undefined) {
    await answer(asker.ask, [{ role: 'user', content: question }])
    return
  }
  const lines = createInterface({ input: process.stdin, output: process.stdout })
  const messages: ChatMessage[] = []
  lines.setPrompt('> ')
  lines.prompt()
  for await (const line of lines) {
    if (line.trim() !== '') {
      messages.push({ role: 'user', content: line })
      try {
        messages.push({ role: 'assistant', content: await answer(asker.ask, messages) })
      } catch (error) {
        messages.pop()
        console.error(error instanceof Error ? error.message : String(error))
      }
    }
    lines.prompt()
  }
}

async function answer(ask: Ask, messages: readonly ChatMessage[]): Promise<string> {
  const leaving = new AbortController()
  const onInterrupt = (): void => leaving.abort()
  process.once('SIGINT', onInterrupt)
  let text = ''
  try {
    for await (const event of ask(messages, leaving.signal)) {
      if (event.type === 'text-delta') {
        text += event.text
        process.stdout.write(printable(event.text))
      } else if (event.type === 'error') {
        throw new ProviderError('upstream_failed', event.message)
      } else if (event.type === 'facts') {
        process.stdout.write('\n')
        console.error(`[${event.text}]`)
      }
    }
  } finally {
    process.off('SIGINT', onInterrupt)
  }
  return text
}

async function createAsker(flags: ChatFlags): Promise<{ readonly ask: Ask } & AsyncDisposable> {
  const loaded = load({ environment: process.env })
  const gateway = localGateway(serverSettings(process.env, loaded.file), loaded.home)
  const running = await reach(`${gateway.url}/healthz`, gateway.clientKey).catch(() => undefined)
  if (running !== undefined) {
    return {
      ask: (messages, signal) => throughGateway(gateway, messages, flags, signal),
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
  async function* byItself(messages: readonly ChatMessage[], signal: AbortSignal): ReturnType<Ask> {
    const stream = router.chat(messages, {
      stream: true,
      signal,
      ...(flags.model === undefined ? {} : { model: flags.model }),
      ...(flags.provider === undefined ? {} : { preferProvider: flags.provider }),
    })
    yield* stream
    const { provider, model, keyName, tokensUsed, cost } = await stream.response
    yield {
      type: 'facts',
      text: facts(
        provider,
        model,
        keyName,
        cost === null ? 'cost unknown' : `${dollars(cost * 1e9)}, ${tokensUsed} tokens`,
      ),
    }
  }
  return { ask: byItself, [Symbol.asyncDispose]: () => router.close() }
}

async function* throughGateway(
  gateway: { readonly url: string; readonly clientKey: string },
  messages: readonly ChatMessage[],
  flags: ChatFlags,
  signal: AbortSignal,
): ReturnType<Ask> {
  const body = {
    model: flags.model ?? 'auto',
    messages: messages as unknown as Json,
    stream: true,
    stream_options: { include_usage: true },
  }
  const extra = flags.provider === undefined ? {} : { 'x-switchyard-provider': flags.provider }
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
  let tokens = ''
  for await (const chunk of reply.body) {
    for (const frame of framer.feed(chunk)) {
      for (const event of decoder.push(frame)) {
        if (event.type === 'usage') tokens = `${event.usage.input + event.usage.output} tokens`
        yield event
      }
    }
  }
  const header = (name: string): string => reply.headers.get(`x-switchyard-${name}`) ?? '?'
  yield { type: 'facts', text: facts(header('provider'), header('model'), header('key'), tokens) }
}

function facts(provider: string, model: string, key: string, rest: string): string {
  return printable([provider, model, key, rest].filter((part) => part !== '').join(' · '))
}

async function readAll(input: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = []
  for await (const chunk of input) chunks.push(chunk)
  return Buffer.concat(chunks).toString().trim()
}
