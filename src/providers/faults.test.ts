import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import { faultPolicy, judge } from './faults.ts'
import { providers } from './index.ts'
import type { Failure, Fault, FaultRule } from './provider.ts'

const now = Date.parse('2026-11-23T10:00:00Z')
const day = 86_400_000
const reply = { status: 429, headers: {}, text: '{}' }

function judgeFailure(failure: Partial<Failure>, rule: Partial<FaultRule> = {}): Fault {
  const faultRules: FaultRule[] = [
    { id: 'only', kind: 'rate', scope: 'account', rests: 'next-minute', ...rule },
  ]
  const readFailure = (): Failure => ({ status: 429, message: 'no', shaped: true, marks: [], ...failure })
  return judge({ readFailure, faultRules }, reply, now)
}

/** No rule of the provider matches, so the status decides. */
function bare(status: number): Fault {
  return judgeFailure({ status }, { status: 999 })
}

describe('judge: until', () => {
  it('keeps a stated end in full, however long', () => {
    const resetsAt = now + 20 * day
    assert.deepEqual([judgeFailure({ resetsAt }).until, judgeFailure({ resetsAt }).stated], [resetsAt, true])
    assert.equal(judgeFailure({ retryAfterMs: 5000 }).until, now + 5000)
    assert.equal(judgeFailure({ resetsAt, retryAfterMs: 5000 }).until, resetsAt)
  })

  it('cuts an end beyond every window to 31 days', () => {
    assert.equal(judgeFailure({ retryAfterMs: 3650 * day }).until, now + 31 * day)
  })

  it('falls back to the window when the stated end is past or unreal', () => {
    const window = Date.parse('2026-11-23T10:01:00Z')
    for (const bad of [now, now - 1, -5, Number.NaN, Number.POSITIVE_INFINITY]) {
      const fault = judgeFailure({ resetsAt: bad })
      assert.deepEqual([fault.until, fault.stated], [window, false], `${bad}`)
    }
    assert.equal(judgeFailure({ retryAfterMs: Number.NaN }).until, window)
    assert.equal(judgeFailure({ resetsAt: now - 1, retryAfterMs: 5000 }).until, now + 5000)
  })

  it('leaves the end open without a window, and never rests a request', () => {
    assert.equal(judgeFailure({}, { rests: 'short' }).until, undefined)
    const fault = judgeFailure({ retryAfterMs: 5000 }, { scope: 'request', rests: 'short' })
    assert.deepEqual([fault.until, fault.stated], [undefined, false])
  })
})

describe('judge: message', () => {
  it('holds no key, no control character, and has an end', () => {
    const key = `sk-or-v1-${'a1'.repeat(32)}`
    const hosted = `${'0123456789abcdef'.repeat(2)}.Abcdefghijklmnopqrst_123`
    const { message } = judgeFailure({
      message: `bad key ${key}\u001B[2J or ${hosted}\r\nBearer ${key}`,
      detail: 'x',
    })
    assert.equal(message, 'bad key [key] [2J or [key] [key] x')
    assert.equal(judgeFailure({ message: 'x'.repeat(9000) }).message.length, 500)
  })

  it('says something when the service said nothing', () => {
    assert.equal(judgeFailure({ message: '' }).message, 'no readable error in the answer (HTTP 429)')
  })
})

describe('judge: shared rules', () => {
  it('gives every error status a meaning, and an odd one the narrowest', () => {
    for (let status = 400; status < 600; status++) {
      const fault = bare(status)
      assert.notEqual(fault.scope, 'provider', `${status}`)
      assert.equal(fault.status, status)
    }
    assert.deepEqual(
      [bare(418).kind, bare(418).scope, bare(418).until],
      ['unknown', 'account-model', undefined],
    )
  })

  it('ends a key for good only on the words of the service itself', () => {
    assert.equal(bare(401).until, Number.POSITIVE_INFINITY)
    const page = judgeFailure({ status: 401, shaped: false }, { status: 999 })
    assert.deepEqual([page.rule, page.until], ['unauthorized-page', now + 3_600_000])
  })
})

describe('judge: foreign input', () => {
  const bodies = fc.oneof(
    fc.string(),
    fc.json(),
    fc.json().map((json) => `{"error":${json}}`),
    fc.json().map((json) => `{"error":{"message":"x","metadata":${json}}}`),
    fc.json().map((json) => `{"choices":[${json}]}`),
  )

  for (const provider of providers) {
    it(`never throws and never rests in the past: ${provider.name}`, () => {
      fc.assert(
        fc.property(fc.integer({ min: 200, max: 599 }), bodies, (status, text) => {
          const fault = judge(provider, { status, headers: {}, text }, now)
          assert.ok(fault.until === undefined || fault.until > now)
          assert.ok(fault.message.length > 0 && fault.message.length <= 500)
        }),
      )
    })

    it(`takes 64 KB of anything quickly: ${provider.name}`, () => {
      const sizes = 65_536
      const texts = [
        ' '.repeat(sizes),
        '<'.repeat(sizes),
        '['.repeat(sizes),
        'sk-'.repeat(sizes / 4),
        `Rate limit exceeded: ${' Daily limit reached for'.repeat(sizes / 32)}`,
        `you (${'('.repeat(sizes)}`,
        'model '.repeat(sizes / 8),
        ' (ref: '.repeat(sizes / 8),
        'Bearer '.repeat(sizes / 8),
      ]
      const started = performance.now()
      for (const text of texts) {
        for (const body of [
          text,
          JSON.stringify({ error: text }),
          JSON.stringify({ error: { message: text } }),
        ]) {
          judge(provider, { status: 429, headers: {}, text: body }, now)
        }
      }
      assert.ok(performance.now() - started < 500)
    })
  }
})

describe('faultPolicy', () => {
  it('rests the guilty longer with each repetition, and never the innocent', () => {
    for (const [kind, policy] of Object.entries(faultPolicy)) {
      assert.ok(policy.maxMs >= policy.baseMs, kind)
      assert.equal(policy.baseMs > 0, policy.retry && kind !== 'guard', kind)
    }
  })

  it('charges for lost work only, and ends what the request itself is at fault for', () => {
    const costly = Object.entries(faultPolicy).flatMap(([kind, policy]) =>
      policy.retryCost > 0 ? [kind] : [],
    )
    assert.deepEqual(costly.toSorted(), ['broken-stream', 'busy', 'empty', 'network', 'timeout', 'unknown'])
    const final = Object.entries(faultPolicy).flatMap(([kind, policy]) => (policy.retry ? [] : [kind]))
    assert.deepEqual(final.toSorted(), ['aborted', 'bad-request', 'filtered', 'too-long'])
  })
})
