import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { inspect } from 'node:util'
import { createRouter } from '../../src/index.ts'
import type { Log } from '../../src/routing/settings.ts'
import { environmentFor, type ScriptedFault } from '../../src/simulator/index.ts'
import { canaries, canaryKeys, canarySimulator, secretsIn } from '../support/canaries.ts'
import { adminKey, ask, clientKey, openStand } from '../support/stand.ts'

const everySecret = [...canaryKeys, clientKey, adminKey]

type Call = Pick<ScriptedFault, 'provider' | 'key'>
const calls: readonly Call[] = [
  { provider: 'openrouter', key: canaries.usual.openrouter },
  { provider: 'openrouter', key: canaries.odd.openrouter },
  { provider: 'ollama', key: canaries.usual.ollama },
  { provider: 'ollama', key: canaries.odd.ollama },
]
const event = (value: unknown): string => `data: ${JSON.stringify(value)}\n\n`
const piece = event({ id: 'x', model: 'm', choices: [{ index: 0, delta: { content: 'Hello' } }] })
const line = JSON.stringify({ model: 'm', message: { role: 'assistant', content: 'Hello' }, done: false })

/** Every way in which a service could hand the key back. */
function echoes({
  provider,
  key = '',
}: Call): Record<string, Omit<ScriptedFault, 'provider' | 'kind' | 'key'>> {
  const message = `Invalid API key provided: ${key}. Authorization: Bearer ${key}`
  const error = { error: { message, code: 401 } }
  const streams =
    provider === 'openrouter'
      ? {
          type: 'text/event-stream',
          first: event(error),
          later: piece + event(error),
          choice: piece + event({ ...error, choices: [{ index: 0, delta: {}, finish_reason: 'error' }] }),
        }
      : {
          type: 'application/x-ndjson',
          first: `${JSON.stringify({ error: message })}\n`,
          later: `${line}\n${JSON.stringify({ error: message })}\n`,
          choice: `${line}\n{"error":"${key}"}`,
        }
  return {
    '401': { status: 401, body: JSON.stringify(error) },
    '403 in plain text': { status: 403, body: message, contentType: 'text/plain' },
    '400, shown with its message': { status: 400, body: JSON.stringify({ error: { message, code: 400 } }) },
    '500 as a page': { status: 500, body: `<html><body>${message}</body></html>`, contentType: 'text/html' },
    '429 with the key as account': { status: 429, body: JSON.stringify({ ...error, user_id: key }) },
    headers: {
      status: 503,
      body: '{}',
      headers: { 'x-your-key': key, 'set-cookie': `k=${key}`, server: key },
    },
    'a redirect': {
      status: 302,
      body: message,
      headers: { location: `http://evil.example/?key=${encodeURIComponent(key)}` },
    },
    'an error in a 200': { status: 200, body: JSON.stringify(error) },
    'not JSON in a 200': { status: 200, body: `${key} is not JSON` },
    'the first frame': { status: 200, body: streams.first, contentType: streams.type },
    'a later frame': { status: 200, body: streams.later, contentType: streams.type },
    'a last frame beside choices': { status: 200, body: streams.choice, contentType: streams.type },
  }
}

for (const call of calls) {
  const shape = call.key === canaries.odd[call.provider] ? 'odd' : 'usual'
  test(`no secret leaves gateway, log or ledger, whatever ${call.provider} echoes of a key of ${shape} shape`, async () => {
    const logged: string[] = []
    const write = (message: string, facts?: unknown): void =>
      void logged.push(message, JSON.stringify(facts), inspect(facts, { depth: 9 }))
    const log: Log = { info: write, warn: write }
    await using stand = await openStand({ simulator: canarySimulator, log, environment: alone(call) })
    const leaks = new Set<string>()
    const look = (where: string, text: string): void => {
      for (const secret of secretsIn(text, everySecret)) leaks.add(`${where}: ${secret.slice(0, 20)}`)
    }
    const lookAtHome = (): void => {
      for (const file of readdirSync(stand.home)) look(file, readFileSync(join(stand.home, file), 'latin1'))
    }
    for (const [name, echo] of Object.entries(echoes(call))) {
      for (const stream of [false, true]) {
        stand.simulator.clearFaults()
        assert.equal(await stand.core.release(nameOf(call)), true)
        stand.clock.advance(24 * 3_600_000)
        stand.simulator.addFault({ ...call, ...echo, kind: 'custom', times: 'always' })
        const hits = stand.simulator.counters()[call.provider].calls
        const headers = { 'x-switchyard-provider': call.provider }
        const where = `${name}${stream ? ', streamed' : ''}`
        const reply = await stand.chat(ask('hi', { stream }), { headers })
        look(`${where} (headers)`, JSON.stringify([...reply.headers]))
        look(where, await reply.text())
        assert.ok(stand.simulator.counters()[call.provider].calls > hits, `${where} was never sent`)
        // Now the key rests, and the refusal tells why.
        look(`${where} (again)`, await (await stand.chat(ask('hi', { stream }), { headers })).text())
        const status = await fetch(`${stand.gateway.url}/admin/status`, {
          headers: { 'x-api-key': adminKey },
        })
        look(`${where} (status)`, await status.text())
      }
    }
    look('log', logged.join('\n'))
    lookAtHome()
    await stand.stop()
    lookAtHome()
    assert.deepEqual([...leaks], [])
  })
}

function nameOf({ provider, key }: Call): string {
  return `${provider.toUpperCase()}_API_KEY_${key === canaries.odd[provider] ? 2 : 1}`
}

/** Takes all keys away but one. */
function alone(call: Call): Record<string, string> {
  const others = calls.filter((each) => each !== call).map((each) => [nameOf(each), ''])
  return Object.fromEntries(others)
}

test('metadata that echoes a key is logged without it', async () => {
  const logged: string[] = []
  const write = (message: string, facts?: unknown): void =>
    void logged.push(message, inspect(facts, { depth: 9 }))
  await using stand = await openStand({ simulator: canarySimulator })
  for (const { provider, key = '' } of calls) {
    for (const path of ['/models', '/key', '/api/tags', '/api/me']) {
      stand.simulator.addFault({ provider, path, kind: 'custom', status: 200, body: key, times: 'always' })
    }
    await using router = createRouter({
      environment: { ...environmentFor(stand.simulator), SWITCHYARD_HOME: stand.home },
      store: 'memory',
      log: { info: write, warn: write },
    })
    await router.getStatus()
    stand.simulator.clearFaults()
  }
  assert.ok(logged.length > 0)
  assert.deepEqual(secretsIn(logged.join('\n'), everySecret), [])
})

test('the search finds what it is meant to find', () => {
  const [key = ''] = canaryKeys
  assert.deepEqual(secretsIn(`x ${key.slice(20, 40)} y`, canaryKeys), [key])
  assert.deepEqual(secretsIn(key.slice(0, 8), canaryKeys), [])
})
