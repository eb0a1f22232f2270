import assert from 'node:assert/strict'
import { test } from 'node:test'
import OpenAI from 'openai'
import { nextTurn, rowsOf, takeApart } from '../support/probe.ts'
import { startRawUpstream } from '../support/raw-upstream.ts'
import { ask, clientKey, openStand, type Stand } from '../support/stand.ts'

/** The client most programs use, without its own retries. */
function clientOf(stand: Stand): OpenAI {
  return new OpenAI({ apiKey: clientKey, baseURL: `${stand.gateway.url}/v1`, maxRetries: 0 })
}

interface Thinking {
  readonly reasoning?: string
  readonly reasoning_content?: string
}

const model = 'gpt-oss:20b'
const question = [{ role: 'user', content: 'hello' }] as const
const thought = 'The user wrote 5 characters. I answer in plain words.'

test('Ollama through the Chat Completions API: text, thinking, usage and cost, streamed and whole', async () => {
  await using stand = await openStand({ simulator: { ollama: { cachedShare: 0.5 } } })
  const client = clientOf(stand)
  const { data: whole, response } = await client.chat.completions
    .create({ model, messages: [...question] })
    .withResponse()
  const message = whole.choices[0]?.message
  assert.equal(message?.content, 'You said: hello')
  const said = message as Thinking | undefined
  assert.deepEqual([said?.reasoning, said?.reasoning_content], [thought, thought])
  assert.equal(whole.choices[0]?.finish_reason, 'stop')

  const stream = await client.chat.completions.create({
    model,
    messages: [...question],
    stream: true,
    stream_options: { include_usage: true },
  })
  let text = ''
  const thinking = { reasoning: '', reasoning_content: '' }
  let usage: OpenAI.CompletionUsage | null | undefined
  for await (const chunk of stream) {
    const delta = chunk.choices[0]?.delta
    text += delta?.content ?? ''
    for (const field of ['reasoning', 'reasoning_content'] as const)
      thinking[field] += (delta as Thinking | undefined)?.[field] ?? ''
    usage = chunk.usage ?? usage
  }
  assert.deepEqual([text, thinking], ['You said: hello', { reasoning: thought, reasoning_content: thought }])
  assert.deepEqual(usage, whole.usage)
  assert.ok(
    usage !== undefined &&
      usage !== null &&
      usage.total_tokens === usage.prompt_tokens + usage.completion_tokens,
  )

  // The price table's row of the model: 70 nano-dollars a token in, 35 cached, 300 out.
  const cached = usage.prompt_tokens_details?.cached_tokens ?? 0
  const nanoUsd = (usage.prompt_tokens - cached) * 70 + cached * 35 + usage.completion_tokens * 300
  assert.equal(Number(response.headers.get('x-switchyard-cost')) * 1e9, nanoUsd)
  for (const row of await rowsOf(stand)) {
    assert.deepEqual([row.state, row.usageSource, row.nanoUsd], ['done', 'provider', nanoUsd])
    assert.deepEqual([row.usage?.input, row.usage?.output], [usage.prompt_tokens, usage.completion_tokens])
  }
})

test('the strict stream helper of the openai package takes a translated stream', async () => {
  await using stand = await openStand()
  const run = clientOf(stand).chat.completions.stream({ model, messages: [...question] })
  const final = await run.finalChatCompletion()
  assert.equal(final.choices[0]?.message.content, 'You said: hello')
})

const weather = {
  type: 'function',
  function: {
    name: 'get_weather',
    parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
  },
} as const

for (const [provider, named] of [
  ['ollama', model],
  ['openrouter', 'auto'],
] as const) {
  test(`a tool round trip over ${provider}: call, result, answer, streamed and whole`, async () => {
    await using stand = await openStand()
    const client = clientOf(stand)
    const tools = [weather]
    const messages: OpenAI.ChatCompletionMessageParam[] = [
      { role: 'user', content: 'please call get_weather' },
    ]
    const whole = await client.chat.completions.create({ model: named, messages, tools })
    assert.equal(whole.choices[0]?.finish_reason, 'tool_calls')
    const streamed = await client.chat.completions
      .stream({ model: named, messages, tools })
      .finalChatCompletion()
    for (const completion of [whole, streamed]) {
      const message = completion.choices[0]?.message
      const call = message?.tool_calls?.[0]
      assert.ok(message !== undefined && call?.type === 'function')
      assert.equal(call.function.name, 'get_weather')
      assert.deepEqual(Object.keys(JSON.parse(call.function.arguments) as object), ['city'])
      const answer = await client.chat.completions.create({
        model: named,
        tools,
        messages: [...messages, message, { role: 'tool', tool_call_id: call.id, content: 'sunny, 21 °C' }],
      })
      assert.equal(answer.choices[0]?.message.content, 'The tool answered: sunny, 21 °C')
    }
  })
}

test('an image and a JSON schema reach Ollama', async () => {
  await using stand = await openStand()
  const client = clientOf(stand)
  const bytes = Buffer.alloc(1234, 7)
  const image = { url: `data:image/png;base64,${bytes.toString('base64')}` }
  const seen = await client.chat.completions.create({
    model: 'gemma4:31b',
    messages: [
      {
        role: 'user',
        content: [
          { type: 'text', text: 'what is this' },
          { type: 'image_url', image_url: image },
        ],
      },
    ],
  })
  assert.match(seen.choices[0]?.message.content ?? '', /^I see 1 image \(1234 bytes\)/)

  const schema = { type: 'object', properties: { answer: { type: 'number' } }, required: ['answer'] }
  const shaped = await client.chat.completions.create({
    model,
    messages: [...question],
    response_format: { type: 'json_schema', json_schema: { name: 'answer', schema } },
  })
  assert.equal(
    typeof (JSON.parse(shaped.choices[0]?.message.content ?? '') as { answer: unknown }).answer,
    'number',
  )
})

test('the openai package throws what went wrong in mid-stream, after the text before it', async () => {
  for (const [provider, named, kind] of [
    ['openrouter', 'auto', 'in-stream-error'],
    ['openrouter', 'auto', 'choice-error'],
    ['openrouter', 'auto', 'cut'],
    ['openrouter', 'auto', 'truncated-json'],
    ['ollama', model, 'error-line'],
    ['ollama', model, 'cut'],
  ] as const) {
    await using stand = await openStand()
    stand.simulator.addFault({ provider, kind, afterChunks: 20 })
    const messages = [{ role: 'user', content: 'repeat 40 words' }] as const
    const stream = await clientOf(stand).chat.completions.create({
      model: named,
      messages: [...messages],
      stream: true,
    })
    let text = ''
    await assert.rejects(
      async () => {
        for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? ''
      },
      (error) => error instanceof OpenAI.APIError && !(error instanceof SyntaxError),
      `${provider} ${kind}`,
    )
    assert.match(text, /^word1 word2/)
  }
})

test('NDJSON cut inside characters is translated whole, wherever it is cut', async () => {
  const words = ['naïve ', '😀😀 ', 'Ünïcödé ', '漢字']
  const lines = words.map((content) => ({ model, message: { role: 'assistant', content }, done: false }))
  const last = {
    model,
    message: { role: 'assistant', content: '' },
    done: true,
    done_reason: 'stop',
    prompt_eval_count: 3,
    eval_count: 4,
  }
  const bytes = Buffer.from([...lines, last].map((line) => `${JSON.stringify(line)}\n`).join(''))
  for (const size of [1, 2, 3, 5, 1000]) {
    await using raw = await startRawUpstream(async (response) => {
      response.writeHead(200, { 'content-type': 'application/x-ndjson' })
      for (let start = 0; start < bytes.length; start += size) {
        response.write(bytes.subarray(start, start + size))
        await nextTurn()
      }
      response.end()
    })
    await using stand = await openStand({ environment: { OLLAMA_BASE_URL: raw.url } })
    const reply = await stand.chat(
      ask('hello', { model, stream: true, stream_options: { include_usage: true } }),
    )
    const read = takeApart(await reply.text())
    assert.deepEqual([read.text, read.done, read.broken], [words.join(''), true, []])
    assert.equal(read.usage?.['completion_tokens'], 4)
  }
})
