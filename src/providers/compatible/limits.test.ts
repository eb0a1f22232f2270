import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ConfigError } from '../../errors.ts'
import { readLimits } from './limits.ts'

describe('declared limits', () => {
  it('are read with names of their own', () => {
    const limits = readLimits([
      { requests: 30, per: 'minute' },
      { tokens: 6000, per: 'minute' },
      { requests: 14_400, per: 'day' },
      { usd: 2.5, per: 'month' },
      { inFlight: 4 },
    ])
    assert.deepEqual(limits, [
      { name: 'requests-minute', metric: 'requests', window: 'minute', max: 30, lane: 'all' },
      { name: 'tokens-minute', metric: 'tokens', window: 'minute', max: 6000, lane: 'all' },
      { name: 'requests-day', metric: 'requests', window: 'day', max: 14_400, lane: 'all' },
      { name: 'usd-month', metric: 'nano-usd', window: 'month', max: 2_500_000_000, lane: 'all' },
      { name: 'in-flight', metric: 'in-flight', max: 4, lane: 'all' },
    ])
    assert.deepEqual(readLimits([]), [])
  })

  it('say which entry is wrong and what it takes', () => {
    const table: [unknown, RegExp][] = [
      [{ requests: 30 }, /^x must be a list/],
      [undefined, /^x must be a list/],
      [[30], /^x\[0\] must look like/],
      [[{}], /^x\[0\] says what to count by exactly one of: requests, tokens, usd, inFlight/],
      [[{ per: 'day' }], /^x\[0\] says what to count/],
      [[{ inFlight: 4 }, { request: 30, per: 'minute' }], /^x\[1\] has "request"; it can count/],
      [[{ constructor: 30, per: 'minute' }], /^x\[0\] has "constructor"/],
      [
        [{ requests: 30, tokens: 1, per: 'minute' }],
        /^x\[0\] counts requests and tokens; write one entry for each/,
      ],
      [[{ requests: 30 }], /"per" is missing; it takes minute, hour, day, week, month/],
      [[{ requests: 30, per: 'second' }], /"per" is "second"; it takes/],
      [[{ inFlight: 4, per: 'minute' }], /takes no "per"/],
      [[{ requests: 1.5, per: 'day' }], /requests takes a whole number above 0; got 1\.5/],
      [[{ requests: '30', per: 'day' }], /got "30"/],
      [[{ tokens: -1, per: 'day' }], /tokens takes a whole number/],
      [[{ usd: 0, per: 'day' }], /usd takes an amount of dollars above 0/],
      [[{ usd: Number.NaN, per: 'day' }], /usd takes an amount/],
      [
        [
          { requests: 1, per: 'day' },
          { requests: 2, per: 'day' },
        ],
        /^x\[1\] repeats x\[0\]/,
      ],
    ]
    for (const [wrong, message] of table) {
      assert.throws(
        () => readLimits(wrong, 'x'),
        (error: Error) => error instanceof ConfigError && message.test(error.message),
        message.source,
      )
    }
  })
})
