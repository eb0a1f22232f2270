// The service behind both contestants: answers at once, with fixed bytes, so that what is timed is the way there.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

const answer = JSON.stringify({
  id: 'gen-1790000000-abcdefghijklmnopqrst',
  object: 'chat.completion',
  created: 1_790_000_000,
  model: 'vendor/model',
  provider: 'Bench',
  choices: [
    {
      index: 0,
      finish_reason: 'stop',
      native_finish_reason: 'stop',
      logprobs: null,
      message: { role: 'assistant', content: 'word '.repeat(40), refusal: null },
    },
  ],
  usage: { prompt_tokens: 250, completion_tokens: 40, total_tokens: 290, cost: 0.00012 },
})

const chunk = (delta: object, rest: object = {}): string =>
  `data: ${JSON.stringify({ id: 'gen-1', provider: 'Bench', model: 'vendor/model', object: 'chat.completion.chunk', created: 1, choices: [{ index: 0, delta, finish_reason: null }], ...rest })}\n\n`
const events = Array.from({ length: 200 }, () => chunk({ role: 'assistant', content: 'word ' }))
const ending =
  chunk({ role: 'assistant', content: '' }, { choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] }) +
  chunk(
    {},
    { choices: [], usage: { prompt_tokens: 250, completion_tokens: 200, total_tokens: 450, cost: 0.0003 } },
  ) +
  'data: [DONE]\n\n'

const server = createServer((request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (part: Buffer) => chunks.push(part))
  request.on('end', () => {
    if (request.method !== 'POST') return response.writeHead(404).end()
    if (!Buffer.concat(chunks).includes('"stream":true')) {
      return response
        .writeHead(200, { 'content-type': 'application/json', 'content-length': answer.length })
        .end(answer)
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    for (const event of events) response.write(event)
    return response.end(ending)
  })
})
server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`))
