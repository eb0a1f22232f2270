import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { RequestError } from '../errors.ts'
import { explainText } from './explain.ts'

const now = Date.parse('2026-11-23T10:00:00Z')

function one(text: string, options: Partial<Parameters<typeof explainText>[1]> = {}) {
  const explanation = explainText(text, { now, ...options })
  assert.equal(explanation.verdicts.length, 1, explanation.judgedFor)
  const [verdict] = explanation.verdicts
  assert.ok(verdict)
  return verdict
}

const freeDay = `HTTP/1.1 429 Too Many Requests
X-RateLimit-Remaining: 0
X-RateLimit-Reset: 1795478400000

{"error":{"message":"Rate limit exceeded: free-models-per-day. Add 10 credits","code":429,"metadata":{"limit_source":"openrouter_free_tier_daily"}},"user_id":"user_2abc"}`

describe('explain', () => {
  it('says who rests until when, by whose word, what comes next and what the client sees', () => {
    const verdict = one(freeDay)
    assert.equal(
      verdict.rests,
      "this account's free lane rests until 2026-11-24T00:00:00Z because the service said so (X-RateLimit-Reset)",
    )
    assert.deepEqual([verdict.provider, verdict.rule, verdict.knownBy], ['openrouter', 'free-day', 'rule'])
    assert.match(verdict.next, /^the next account with room, .*; it costs nothing$/)
    assert.deepEqual(verdict.client, { status: 429, code: 'quota_exhausted' })
  })

  it('tells the window where the service said no time', () => {
    const verdict = one(
      'HTTP/1.1 429\n\n{"error":"you (jane) have reached your weekly usage limit (ref: 0000abcd)"}',
    )
    assert.match(
      verdict.rests,
      /^this account rests, .* until 2026-11-30T00:00:00Z because weekly limits end on Monday/,
    )
    assert.equal(verdict.provider, 'ollama')
  })

  it('names a body as the source of a time', () => {
    const body = {
      error: { code: 429, status: 'RESOURCE_EXHAUSTED', message: 'm', details: [{ retryDelay: '12s' }] },
    }
    assert.match(
      one(JSON.stringify([body])).rests,
      /until 2026-11-23T10:00:12Z because the service said so \(retryDelay in its body\)/,
    )
  })

  it('shows every service when nothing tells which one it was', () => {
    const explanation = explainText('HTTP/1.1 503\n\nno healthy upstream', { now })
    assert.equal(explanation.verdicts.length, 3)
    assert.equal(explanation.report, undefined)
    assert.deepEqual(
      explanation.verdicts.map(({ knownBy }) => knownBy),
      ['status', 'status', 'status'],
    )
  })

  it('asks for a report of what nobody knows, with nothing personal in it', () => {
    const text = `HTTP/1.1 418 Odd
Authorization: Bearer sk-or-v1-0123456789abcdef0123
Set-Cookie: session=abcdef
X-RateLimit-Limit: 5
X-Request-Id: req_01jngbvsctfy

{"error":{"message":"new words for jane@example.com and key sk-or-v1-0123456789abcdef0123","code":418},"user_id":"user_2abc"}`
    const explanation = explainText(text, { now })
    const [verdict] = explanation.verdicts
    assert.equal(verdict?.knownBy, 'nothing')
    assert.match(verdict?.rests ?? '', /doubles with each repetition: 5 s … 5 min$/)
    assert.deepEqual(verdict?.client, { status: 502, code: 'upstream_failed' })
    assert.match(explanation.report ?? '', /^HTTP\/1\.1 418\nx-ratelimit-limit: 5\n\n\{"error":/)
    const everything = JSON.stringify(explanation)
    for (const secret of ['sk-or', 'jane', 'user_2abc', 'abcdef', 'req_01'])
      assert.ok(!everything.includes(secret), secret)
  })

  it('takes the word of its flags before that of the text', () => {
    const explanation = explainText('{"error":"x"}', {
      now,
      status: 429,
      headers: ['Retry-After: 30', 'odd'],
      provider: 'compatible',
    })
    assert.deepEqual([explanation.status, explanation.statusFrom], [429, 'flag'])
    assert.match(
      explanation.verdicts[0]?.rests ?? '',
      /until 2026-11-23T10:00:30Z because the service said so \(Retry-After\)$/,
    )
    assert.throws(
      () => explainText('x', { now, provider: 'sk-or-v1-0123456789abcdef' }),
      (error: Error) => {
        return (
          error instanceof RequestError &&
          !error.message.includes('0123') &&
          error.message.includes('"compatible"')
        )
      },
    )
  })

  it('believes a file that a router kept when it names the service', () => {
    const kept = (provider: string, rest: object = { seen: '2026-11-23T09:00:00.000Z' }) =>
      explainText(JSON.stringify({ provider, status: 418, ...rest, body: '{"error":"new words"}' }), { now })
    assert.deepEqual(
      kept('openrouter').verdicts.map(({ provider }) => provider),
      ['openrouter'],
    )
    assert.equal(kept('openrouter').at, '2026-11-23T09:00:00.000Z')
    const own = kept('groq')
    assert.deepEqual([own.verdicts.length, own.verdicts[0]?.provider], [1, 'compatible'])
    assert.match(own.judgedFor, /kept by a router as an error of groq, a service set up by its address$/)
    // The same members without the mark of a kept file are anybody's: the body decides.
    assert.equal(kept('openrouter', {}).verdicts[0]?.provider, 'ollama')
  })

  it('speaks plainly of each scope and kind', () => {
    const compatible = (status: number, message: string, code: string) =>
      one(JSON.stringify({ error: { message, type: 'x', code } }), { status, provider: 'compatible' })
    const key = compatible(401, 'Invalid API Key', 'invalid_api_key')
    assert.match(key.rests, /^this key rests until released by hand because only somebody who acts/)
    assert.deepEqual([key.until, key.client.code], ['released', 'unavailable'])
    const long = compatible(400, 'too long', 'context_length_exceeded')
    assert.match(long.rests, /^nobody rests/)
    assert.match(long.next, /^nothing: the client gets the answer at once/)
    assert.deepEqual([long.until, long.client], [null, { status: 400, code: 'context_length_exceeded' }])
    assert.match(
      compatible(503, 'm', 'overloaded_error').next,
      /^the next service .*charged to the retry budget$/,
    )
    assert.match(
      compatible(422, 'stream_options: extra', 'x').next,
      /^the same key again, without the member/,
    )
    assert.equal(compatible(429, 'no money', 'insufficient_quota').client.code, 'insufficient_credits')
  })
})

/** The three providers with fixtures. Errors inside a 200 are judged by their own code, so their files say something else. */
for (const provider of ['openrouter', 'ollama', 'compatible']) {
  describe(`explain on the fixtures of ${provider}`, () => {
    const folder = new URL(`./${provider}/fixtures/faults/`, import.meta.url)
    const files = readdirSync(folder).map((name) => ({
      name,
      text: readFileSync(new URL(name, folder), 'utf8'),
    }))

    it('reaches the verdict of each', () => {
      for (const { name, text } of files) {
        const { status, verdict } = JSON.parse(text) as {
          status: number
          verdict: { rule: string; until: string | null }
        }
        if (status < 300) continue
        const found = one(text, { provider })
        assert.deepEqual([found.rule, found.until], [verdict.rule, verdict.until], name)
      }
    })

    it('guesses the service of most, and is silent about the rest more often than wrong', () => {
      const guesses = files.map(({ text }) => explainText(text, { now }).verdicts)
      const right = guesses.filter(
        (verdicts) => verdicts.length === 1 && verdicts[0]?.provider === provider,
      ).length
      const wrong = guesses.filter(
        (verdicts) => verdicts.length === 1 && verdicts[0]?.provider !== provider,
      ).length
      assert.ok(right >= files.length * 0.8, `${right} of ${files.length}`)
      assert.ok(wrong <= files.length * 0.1, `${wrong} of ${files.length}`)
    })
  })
}
