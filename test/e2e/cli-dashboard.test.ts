import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { Desk } from '../support/cli.ts'
import { freePort } from '../support/free-port.ts'

test('dashboard tells where the dashboard is and where its key, and prints the key only when told to', async () => {
  const port = await freePort()
  using desk = new Desk({ SWITCHYARD_PORT: port })
  const early = await desk.run(['dashboard'])
  assert.equal(early.code, 1)
  assert.match(early.err, /there is no admin key yet; the first "switchyard serve" or "start" makes one/)

  const address = `http://127.0.0.1:${port}/dashboard`
  const gateway = desk.start(['start'])
  const banner = await gateway.until(/Try it:\n.*\n/)
  assert.ok(banner.includes(`Dashboard: ${address} (`))
  const file = join(desk.home, 'admin-key')
  const key = readFileSync(file, 'utf8').trim()
  const [where, shown] = await Promise.all([desk.run(['dashboard']), desk.run(['dashboard', '--show'])])
  assert.equal(
    where.out,
    `${address}\nThe admin key that opens it is in ${file}; switchyard dashboard --show prints it\n`,
  )
  assert.deepEqual([where.code, where.err], [0, ''])
  assert.equal(shown.out, `${key}\n`)
  const login = await fetch(`http://127.0.0.1:${port}/admin/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ key: shown.out }),
  })
  assert.equal(login.status, 200)
  await gateway.stop()

  const later = await desk.run(['dashboard'])
  assert.deepEqual([later.code, later.out.split('\n')[0]], [1, address])
  assert.match(later.err, /no gateway answers there now; switchyard start/)
})
