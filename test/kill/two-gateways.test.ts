import assert from 'node:assert/strict'
import { test } from 'node:test'
import { environmentFor, startSimulator } from '../../src/simulator/index.ts'
import { temporaryFolder } from '../../src/stores/fixtures/temporary-folder.ts'
import { clientKey, runGatewayProcess, startGatewayProcess } from './gateway-process.ts'

test(
  'a second gateway on the same home says who holds the ledger and what to do, and leaves the first alone',
  {
    timeout: 60_000,
  },
  async (t) => {
    await using simulator = await startSimulator({ seed: 1 })
    const home = temporaryFolder(t)
    const environment = { SWITCHYARD_HOME: home, ...environmentFor(simulator) }
    await using first = await startGatewayProcess(environment)
    const ask = async (): Promise<number> => {
      const reply = await fetch(`${first.url}/v1/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${clientKey}` },
        body: JSON.stringify({ messages: [{ role: 'user', content: 'hello' }] }),
      })
      await reply.text()
      return reply.status
    }
    assert.equal(await ask(), 200)

    for (let time = 0; time < 2; time++) {
      const second = await runGatewayProcess(environment)
      assert.equal(second.code, 1)
      assert.doesNotMatch(second.stdout, /listens on/)
      // One sentence with what to do, not a stack.
      assert.match(
        second.stderr,
        /^switchyard: the ledger "[^"]+ledger\.db" is in use by another Switchyard process: stop that one, or [^\n]*SWITCHYARD_HOME[^\n]*\n$/,
      )
      assert.equal(await ask(), 200)
    }
    assert.deepEqual(first.log(), [])
    assert.equal(await first.stop(), 0)

    // The lock went with its holder.
    await using next = await startGatewayProcess(environment)
    assert.equal(await next.stop(), 0)
  },
)
