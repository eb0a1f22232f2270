import { cases } from './cases/index.ts'
import type { CaseName, ClientUnderTest } from './client-under-test.ts'
import { withinTime } from './matrix.ts'
import { startSpoilingProxy } from './spoiling-proxy.ts'

/** A case that has to fail when `from` is exchanged for `to` in what the gateway answers. */
interface Control {
  readonly client: string
  readonly name: CaseName
  readonly from: string
  readonly to: string
}

const controls: readonly Control[] = [
  {
    client: 'openai 7, chat',
    name: 'stream',
    from: '"finish_reason":"stop"',
    to: '"finish_reason":"length"',
  },
  { client: 'openai 7, chat', name: 'tools streamed', from: '"index":1,"id"', to: '"index":0,"id"' },
  { client: 'openai 7, chat', name: 'usage', from: '"prompt_tokens":', to: '"prompt_tokens":1' },
  { client: 'AI SDK, openai-compatible', name: 'stream', from: '"finish_reason":"stop"', to: '"x":"stop"' },
  {
    client: '@openrouter/sdk',
    name: 'stream',
    from: '"object":"chat.completion.chunk"',
    to: '"object":"chunk"',
  },
  {
    client: 'openai 7, responses',
    name: 'stream',
    from: '"type":"response.content_part.added"',
    to: '"type":"response.content_part.new"',
  },
  { client: '@anthropic-ai/sdk 1', name: 'stream', from: '"text_delta"', to: '"citations_delta"' },
  { client: '@anthropic-ai/sdk 0', name: 'length', from: '"max_tokens"', to: '"end_turn"' },
  { client: 'ollama', name: 'stream', from: '"done":true', to: '"done":false' },
]

/** What is wrong with the test itself: controls that passed, or that failed although nothing was exchanged. */
export async function runControls(
  clients: readonly ClientUnderTest[],
): Promise<{ readonly run: number; readonly wrong: readonly string[] }> {
  const wrong: string[] = []
  let run = 0
  for (const { client: wanted, name, from, to } of controls) {
    const client = clients.find((each) => each.name === wanted)
    if (client === undefined) continue
    run += 1
    const title = `control: ${wanted}, ${name}`
    const untouched = await failureOf(client, name, from, from)
    if (untouched !== undefined) wrong.push(`${title} fails with nothing exchanged: ${untouched}`)
    else if ((await failureOf(client, name, from, to)) === undefined)
      wrong.push(`${title} passes with ${from} exchanged for ${to}`)
  }
  return { run, wrong }
}

async function failureOf(
  client: ClientUnderTest,
  name: CaseName,
  from: string,
  to: string,
): Promise<string | undefined> {
  await using proxy = await startSpoilingProxy(from, to)
  const behind = {
    ...client,
    open: (door: Parameters<ClientUnderTest['open']>[0]) =>
      client.open({ ...door, origin: proxy.before(door.origin) }),
  }
  try {
    await withinTime(cases[name].run(behind, 'ollama'))
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
