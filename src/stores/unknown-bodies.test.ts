import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { keepUnknownBodies } from './unknown-bodies.ts'

const base = mkdtempSync(join(tmpdir(), 'switchyard-unknown-'))
after(() => rmSync(base, { recursive: true }))

test('a body is kept once, for its owner only, whatever numbers are in it', async () => {
  const folder = join(base, 'once')
  const bodies = keepUnknownBodies(folder)
  const file = await bodies.keep({ provider: 'a', status: 418, text: 'teapot 1', at: 0 })
  assert.ok(file !== undefined)
  assert.equal(await bodies.keep({ provider: 'a', status: 418, text: 'teapot 2', at: 1 }), undefined)
  assert.ok((await bodies.keep({ provider: 'a', status: 418, text: 'kettle', at: 1 })) !== undefined)
  assert.deepEqual(JSON.parse(readFileSync(file, 'utf8')), {
    provider: 'a',
    status: 418,
    seen: '1970-01-01T00:00:00.000Z',
    body: 'teapot 1',
  })
  assert.equal(statSync(file).mode & 0o777, 0o600)
})

test('the folder is bounded, and one that cannot be made is no error', async () => {
  const folder = join(base, 'many')
  const bodies = keepUnknownBodies(folder)
  for (let status = 400; status < 520; status++)
    await bodies.keep({ provider: 'a', status, text: 'x', at: 0 })
  assert.equal(readdirSync(folder).length, 100)
  assert.equal(
    await keepUnknownBodies('/dev/null/x').keep({ provider: 'a', status: 400, text: 'x', at: 0 }),
    undefined,
  )
})

test('bodies that come at once are bounded and kept once all the same', async () => {
  const folder = join(base, 'burst')
  const bodies = keepUnknownBodies(folder)
  const burst = Array.from({ length: 300 }, (_, index) =>
    bodies.keep({ provider: 'a', status: 400 + (index % 150), text: 'x', at: 0 }),
  )
  const files = (await Promise.all(burst)).filter((file) => file !== undefined)
  assert.equal(readdirSync(folder).length, 100)
  assert.equal(files.length, 100)
})
