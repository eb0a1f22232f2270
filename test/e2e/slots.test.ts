import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { openConfigGround } from '../support/config-ground.ts'
import { chatAnswer, startPlayedService } from '../support/played-service.ts'
import { nextTurn, until } from '../support/probe.ts'
import { ask, type Stand } from '../support/stand.ts'

const alone = {
  OPENROUTER_API_KEY_1: '',
  OPENROUTER_API_KEY_2: '',
  OPENROUTER_API_KEY_3: '',
  OLLAMA_API_KEY_1: '',
  OLLAMA_API_KEY_2: '',
}

/** Calls that the service has begun and does not answer before it is told to: by the words they brought. */
interface Held {
  answer(words: string, usage?: readonly [number, number]): void
  has(words: string): boolean
}

async function openHeld(t: TestContext, config: (url: string) => string): Promise<[Stand, Held]> {
  const calls = new Map<string, (usage: readonly [number, number]) => void>()
  const service = await startPlayedService({
    get: (path) => (path.endsWith('/models') ? { data: [{ id: 'm' }] } : undefined),
    post: async ({ body }) => {
      const { messages } = body as { readonly messages: readonly { readonly content: string }[] }
      const words = messages[0]?.content ?? ''
      const usage = await new Promise<readonly [number, number]>((resolve) => calls.set(words, resolve))
      return { status: 200, body: chatAnswer('m', usage) }
    },
  })
  t.after(() => service[Symbol.asyncDispose]())
  const ground = await openConfigGround(t, config(service.url))
  const stand = await ground.start({ environment: alone })
  const held: Held = {
    has: (words) => calls.has(words),
    answer(words, usage = [5, 2]) {
      calls.get(words)?.(usage)
      calls.delete(words)
    },
  }
  return [stand, held]
}

/** A request that finds no slot is in line after this: nothing but turns of the loop lies between. */
async function judged(): Promise<void> {
  for (let turn = 0; turn < 200; turn++) await nextTurn()
}

async function who(stand: Stand, words: string, rest: Record<string, unknown> = {}): Promise<string> {
  const reply = await stand.chat(ask(words, { model: 'auto', ...rest }))
  await reply.text()
  return reply.status === 200 ? (reply.headers.get('x-switchyard-provider') ?? '') : String(reply.status)
}

test('who waits for a slot takes the first that comes free, whoever of the services has it', async (t) => {
  const [stand, held] = await openHeld(
    t,
    (url) => `
providers:
  one: { compatible: ${url}/v1, lane: free, limits: [{ inFlight: 1 }] }
  two: { compatible: ${url}/v1, lane: free, limits: [{ inFlight: 1 }] }`,
  )
  const first = who(stand, 'first')
  await until(() => held.has('first'), 'one service is busy')
  const second = who(stand, 'second')
  await until(() => held.has('second'), 'the other is busy')
  const third = who(stand, 'third')
  await judged()
  const begun = performance.now()
  held.answer('second')
  await second
  await until(() => held.has('third'), 'the third is called')
  assert.ok(performance.now() - begun < 5000)
  held.answer('third')
  held.answer('first')
  assert.deepEqual(await Promise.all([first, second, third]), ['one', 'two', 'two'])
})

test('a slot that is of no use to who waits longest goes to the next in line', async (t) => {
  const [stand, held] = await openHeld(
    t,
    (url) => `
providers:
  own:
    compatible: ${url}/v1
    lane: free
    keys: [{ key: first-0123456789 }, { key: second-0123456789 }]
    limits: [{ inFlight: 1 }, { tokens: 10000, per: minute }]`,
  )
  const calls = [who(stand, 'left open', { max_tokens: 10 }), who(stand, 'long', { max_tokens: 10 })]
  await until(() => held.has('left open') && held.has('long'), 'both accounts are busy')
  const big = who(stand, 'big', { max_tokens: 5000 })
  await judged()
  const small = who(stand, 'small', { max_tokens: 10 })
  await judged()
  // Leaves too few tokens of this minute for the big one.
  held.answer('long', [9000, 10])
  await until(() => held.has('small'), 'the small one is called')
  held.answer('small')
  held.answer('left open')
  await until(() => held.has('big'), 'the big one is called where there are tokens left')
  held.answer('big')
  assert.deepEqual(await Promise.all([...calls, big, small]), ['own', 'own', 'own', 'own'])
})
