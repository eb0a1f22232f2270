import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createMovableClock } from '../clock.ts'
import { dialectNamed } from '../dialects/index.ts'
import { providers } from '../providers/index.ts'
import { createUpstream, voiceFor } from './upstream.ts'

const ports = {
  clock: createMovableClock({ start: 0 }),
  random: () => 0,
  holds: { hold: () => {}, release: () => {} },
}

test('a path that only servers of one’s own have is not spoken at the service itself', () => {
  const spoken = (baseUrl?: string): (string | undefined)[] =>
    providers.map((provider) => {
      const upstream = createUpstream({ provider, baseUrl: baseUrl ?? provider.baseUrl, keys: [] }, ports)
      return voiceFor(upstream, { dialect: dialectNamed('ollama-embed'), member: () => undefined })?.path
    })
  assert.deepEqual(spoken(), ['/api/v1/embeddings', undefined])
  assert.deepEqual(spoken('http://localhost:1/x'), ['/x/embeddings', '/x/api/embed'])
})
