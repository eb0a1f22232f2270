import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inFlight, rowsOf, until } from '../support/probe.ts'
import { startRawUpstream } from '../support/raw-upstream.ts'
import { ask, openStand } from '../support/stand.ts'

test('a request that waited for quota has counted the attempts of all its rounds', async () => {
  await using upstream = await startRawUpstream((response, call) => {
    if (call === 1) {
      response.writeHead(429, { 'content-type': 'application/json', 'retry-after': '1' })
      response.end('{"error":"too many requests"}')
      return
    }
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(
      '{"model":"m","message":{"role":"assistant","content":"hi"},"done":true,"done_reason":"stop"}',
    )
  })
  await using stand = await openStand({
    simulator: { ollama: { accounts: [{}] } },
    environment: { OLLAMA_BASE_URL: upstream.url },
  })
  const answer = stand.chat(ask('hello', { model: 'gpt-oss:20b' }), {
    headers: { 'x-switchyard-max-wait': '30' },
  })
  await until(async () => upstream.calls === 1 && (await inFlight(stand)) === 0, 'the refusal was judged')
  // The router sleeps in real time until a moment of this clock.
  stand.clock.advance(1000)
  const response = await answer
  assert.deepEqual([response.status, response.headers.get('x-switchyard-attempts')], [200, '2'])
  const rows = await rowsOf(stand)
  assert.deepEqual(
    rows.map(({ number, state }) => [number, state]),
    [
      [1, 'failed'],
      [2, 'done'],
    ],
  )
})
