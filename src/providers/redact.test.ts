import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { redact } from './redact.ts'

describe('redact', () => {
  it('takes out what opens doors or names somebody', () => {
    // Made up, in the forms services use.
    const secrets = [
      'sk-or-v1-0123456789abcdef0123456789abcdef',
      'sk-proj-abcDEF_123-456',
      'gsk_abcdefghijklmnop1234',
      'csk-abcdefgh12345678',
      'nvapi-abc_DEF-12345678',
      'AIzaSyA-1234567890abcdefghijk',
      'ghp_abcdefghijklmnopqrstuvwxyz012345',
      'github_pat_11AAAAAAA0abcdefgh_123',
      '0123456789abcdef0123456789abcdef.abcdefghijklmnopqrstuvwx',
      'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl',
      'jane.doe+llm@example.co.uk',
      'org_01kjh7p9n8f1qs6nz2bz77vy6b',
      'org-uOtiSEwvUnroadaOnJJquBEC',
      'user_2abcDEF3',
      'req_01jngbvsctfy0bmjw87yea904b',
      'chatcmpl-9a8b7c6d5e',
      '6f1c9a2e-0000-4111-8222-123456789abc',
      'Qawmu2vUw3rdcREnubcAVqe1c55nUTb1hCogKQx4BCA',
      '203.0.113.77',
    ]
    for (const secret of secrets) {
      for (const text of [
        secret,
        `before ${secret} after`,
        `{"error":"x ${secret}"}`,
        `(${secret})`,
        `'${secret}',`,
      ]) {
        assert.ok(!redact(text).includes(secret), redact(text))
      }
    }
  })

  it('takes out names by where they stand', () => {
    const table = [
      [
        'you (jane) have reached your weekly usage limit',
        'you ([account]) have reached your weekly usage limit',
      ],
      ['{"user_id":"jane","error":"x"}', '{"user_id":"[removed]","error":"x"}'],
      ['{"email": "a\\"b", "n": 1}', '{"email": "[removed]", "n": 1}'],
      ["Not found for account 'Qawmu'", 'Not found for account [account]'],
      ['authorization: Bearer anything-at-all', 'authorization: Bearer [key]'],
      ['https://jane:pw@host/x?api_key=abc&y=1', 'https://[account]@host/x?api_key=[key]&y=1'],
      ["consumer 'project_number:681255809395'", "consumer 'project_number: [account]"],
    ] as const
    for (const [text, expected] of table) assert.equal(redact(text), expected)
  })

  it('leaves what a report is about (negative control)', () => {
    for (const text of [
      'Rate limit exceeded: free-models-per-day. Add 10 credits to unlock 1000 free model requests per day',
      'X-RateLimit-Reset: 1790553600000',
      'openrouter_free_tier_daily',
      'GenerateRequestsPerDayPerProjectPerModel-FreeTier',
      'generate_content_free_tier_input_token_count',
      'meta-llama/llama-4-maverick-17b-128e-instruct',
      'llama-3.3-70b-versatile',
      'https://console.groq.com/docs/rate-limits',
      'Please try again in 9m38.016s',
      '2026-11-24T00:00:00.000Z',
      '{"code":"rate_limit_exceeded","type":"tokens"}',
    ]) {
      assert.equal(redact(text), text)
    }
  })
})
