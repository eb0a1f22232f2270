import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clientKey, openStand } from '../support/stand.ts'

test('an Ollama client gets the format it asked for from the hosted service, which takes no notice of it', async () => {
  await using stand = await openStand()
  const schema = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] }
  const reply = await fetch(`${stand.gateway.url}/api/chat`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${clientKey}` },
    body: JSON.stringify({
      model: 'gpt-oss:20b',
      stream: false,
      format: schema,
      options: { num_ctx: 4096 },
      messages: [{ role: 'user', content: 'hello' }],
    }),
  })
  const { message } = (await reply.json()) as { readonly message: { readonly content: string } }
  assert.deepEqual(Object.keys(JSON.parse(message.content) as object), ['city'])
  assert.match(reply.headers.get('x-switchyard-warnings') ?? '', /structured output asked for by instruction/)
})
