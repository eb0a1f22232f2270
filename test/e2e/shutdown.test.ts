import assert from 'node:assert/strict'
import { test } from 'node:test'
import { doors, knock } from '../support/doors.ts'
import { ask, openStand } from '../support/stand.ts'

test('while a gateway drains, its running stream finishes, probes say so, and new requests are told', async () => {
  await using stand = await openStand()
  stand.simulator.addFault({ provider: 'openrouter', kind: 'slow-drip', delayMs: 30 })
  const running = await stand.chat(ask('a story', { stream: true }))
  const closed = stand.gateway.close()

  const probe = await fetch(`${stand.gateway.url}/readyz`)
  assert.deepEqual([probe.status, await probe.json()], [503, { status: 'draining' }])
  assert.equal((await fetch(`${stand.gateway.url}/healthz`)).status, 200)
  const late = await stand.chat(ask('too late'))
  assert.equal(late.status, 503)
  assert.match(await late.text(), /"message":"the gateway is shutting down; .*"code":"unavailable"/)

  assert.match((await running.text()).trimEnd(), /data: \[DONE\]$/)
  await closed
  await assert.rejects(fetch(`${stand.gateway.url}/healthz`))
})

test('a stream that outlasts the drain ends with an error frame, a waiting request with 503', async () => {
  await using stand = await openStand()
  stand.simulator.addFault({ provider: 'openrouter', kind: 'stall' })
  stand.simulator.addFault({ provider: 'openrouter', kind: 'no-headers' })
  const running = await stand.chat(ask('a story', { stream: true }))
  const waiting = stand.chat(ask('hello'))
  // The second call has reached the service once it is counted.
  while (stand.simulator.counters().openrouter.calls < 2) await new Promise(setImmediate)
  const closed = stand.gateway.close({ drainMs: 0 })

  const text = await running.text()
  assert.match(text, /data: \{"error":\{"message":"the gateway is shutting down.*\}\n\n$/)
  assert.doesNotMatch(text, /\[DONE\]/)
  const refused = await waiting
  assert.equal(refused.status, 503)
  assert.match(await refused.text(), /shutting down/)
  await closed
  // Nobody is to blame: after a restart both providers are as good as before.
  const { providers } = await stand.core.status()
  assert.deepEqual(
    providers.map(({ health }) => health),
    ['ok', 'ok'],
  )
})

test('an Ollama client of an answer that outlasts the drain gets an error line, and no last line', async () => {
  await using stand = await openStand()
  stand.simulator.addFault({ provider: 'openrouter', kind: 'stall' })
  const running = await knock(stand, doors.ollama, doors.ollama.question('a story'))
  await stand.gateway.close({ drainMs: 0 })
  const lines = (await running.text()).trimEnd().split('\n')
  assert.match(lines.at(-1) ?? '', /^\{"error":"the gateway is shutting down/)
  assert.ok(lines.length > 1 && lines.every((line) => !line.includes('"done":true')))
})

test('a client that was kept waiting is told of the shutdown too', async () => {
  await using stand = await openStand({ gateway: { keepAliveMs: 20 } })
  stand.simulator.addFault({ provider: 'openrouter', kind: 'no-headers' })
  const waiting = await stand.chat(ask('a story', { stream: true }))
  assert.equal(waiting.status, 200, 'its answer was begun with a keep-alive')
  const text = waiting.text()
  await stand.gateway.close({ drainMs: 0 })
  assert.match(await text, /^(?:: keep-alive\n\n)+data: .*the gateway is shutting down.*"unavailable"/)
})

test('closing twice waits for the same end', async () => {
  await using stand = await openStand()
  assert.equal(stand.gateway.close(), stand.gateway.close({ drainMs: 0 }))
  await stand.gateway.close()
})
