import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { describe, it } from 'node:test'
import { networkFault } from './faults.ts'

const coded = (code: string, message = 'secret sk-or-v1-abcdef') =>
  Object.assign(new Error(message), { code })

describe('networkFault', () => {
  const table: readonly (readonly [string, string, string])[] = [
    ['ECONNREFUSED', 'network', 'provider'],
    ['ENOTFOUND', 'network', 'provider'],
    ['EAI_AGAIN', 'network', 'provider'],
    ['EHOSTUNREACH', 'network', 'provider'],
    ['CERT_HAS_EXPIRED', 'network', 'provider'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'network', 'provider'],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'network', 'provider'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'network', 'provider'],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'network', 'provider'],
    ['ECONNRESET', 'network', 'request'],
    ['EPIPE', 'network', 'request'],
    ['UND_ERR_SOCKET', 'network', 'request'],
    ['EMFILE', 'network', 'request'],
    ['UND_ERR_CONNECT_TIMEOUT', 'timeout', 'provider'],
    ['ETIMEDOUT', 'timeout', 'provider'],
    ['UND_ERR_HEADERS_TIMEOUT', 'timeout', 'model'],
    ['UND_ERR_BODY_TIMEOUT', 'timeout', 'model'],
    ['HPE_INVALID_CONSTANT', 'broken-stream', 'request'],
    ['Z_DATA_ERROR', 'broken-stream', 'request'],
    ['UND_ERR_ABORTED', 'aborted', 'request'],
    ['E_NEVER_SEEN', 'network', 'request'],
  ]
  for (const [code, kind, scope] of table) {
    it(`${code} is ${kind}, scope ${scope}`, () => {
      const fault = networkFault(coded(code))
      assert.deepEqual([fault.kind, fault.scope, fault.stated], [kind, scope, false])
      assert.doesNotMatch(fault.message, /secret|sk-or/)
    })
  }

  it('looks through wrapped and collected errors', () => {
    const wrapped = new TypeError('fetch failed', { cause: coded('ENOTFOUND') })
    assert.equal(networkFault(wrapped).rule, 'network:ENOTFOUND')
    const collected = new AggregateError([coded('ECONNREFUSED'), coded('ENETUNREACH')], 'all failed')
    assert.equal(networkFault(collected).rule, 'network:ECONNREFUSED')
    const loop: { cause?: unknown } = {}
    loop.cause = loop
    assert.equal(networkFault(loop).kind, 'network')
    assert.equal(networkFault(coded('E_NEVER_SEEN')).message, 'the call failed on its way (E_NEVER_SEEN)')
  })

  it('reads time limits and aborts, and keeps the words of our own limits only', () => {
    const limit = networkFault(new DOMException('the first token took longer than 30 s', 'TimeoutError'))
    assert.deepEqual([limit.kind, limit.message], ['timeout', 'the first token took longer than 30 s'])
    const foreign = networkFault(Object.assign(new Error('https://user:pass@host'), { name: 'TimeoutError' }))
    assert.deepEqual([foreign.kind, foreign.message], ['timeout', 'no answer came in time'])
    assert.equal(networkFault(AbortSignal.abort().reason).kind, 'aborted')
  })

  it('survives anything thrown, and shows no foreign code', () => {
    for (const thrown of [undefined, null, 'text', 7, {}, { code: 5 }, { code: 'a b\nc' }]) {
      const fault = networkFault(thrown)
      assert.deepEqual([fault.kind, fault.scope], ['network', 'request'])
      assert.equal(fault.message, 'the call failed on its way')
    }
  })

  it('knows a real refused connection', async () => {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    await new Promise((resolve) => server.close(resolve))
    const error: unknown = await fetch(`http://127.0.0.1:${port}/`).catch((reason: unknown) => reason)
    assert.equal(networkFault(error).rule, 'network:ECONNREFUSED')
  })
})
