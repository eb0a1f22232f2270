import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inFlight, rowsOf, until } from '../support/probe.ts'
import { startRawUpstream } from '../support/raw-upstream.ts'
import { openStand } from '../support/stand.ts'

const event = (data: { readonly type: string; readonly [name: string]: unknown }): string =>
  `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`

// Messages streams tell the input at the start, and with it one token of output.
const usage = { input_tokens: 1000, cache_read_input_tokens: 200, output_tokens: 1 }
const start = event({ type: 'message_start', message: { id: 'msg_1', model: 'm', usage } })
const piece = event({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'word ' } })

for (const how of ['cut', 'left'] as const) {
  test(`the usage that a stream tells at its start is not what it cost when it is ${how} later`, async () => {
    await using upstream = await startRawUpstream(async (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write(start + piece.repeat(300))
      if (how === 'cut') response.end()
    })
    await using stand = await openStand({ environment: { OPENROUTER_BASE_URL: `${upstream.url}/chat` } })
    const leaving = new AbortController()
    const response = await fetch(`${stand.gateway.url}/v1/messages`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-key': stand.clientKey },
      body: JSON.stringify({
        model: 'google/gemma-4-31b-it',
        max_tokens: 1000,
        stream: true,
        messages: [{ role: 'user', content: 'hello' }],
      }),
      signal: leaving.signal,
    })
    assert.equal(response.status, 200)
    if (how === 'cut') {
      await response.text()
    } else {
      await response.body?.getReader().read()
      leaving.abort()
      await until(async () => (await inFlight(stand)) === 0, 'the call was settled')
    }
    const [row] = await rowsOf(stand)
    assert.deepEqual([row?.state, row?.usageSource], [how === 'cut' ? 'truncated' : 'aborted', 'estimated'])
    assert.deepEqual([row?.usage?.input, row?.usage?.cached], [1200, 200])
    assert.ok((row?.usage?.output ?? 0) >= 250, `${row?.usage?.output} of about 300 pieces`)
  })
}
