import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { pathToFileURL } from 'node:url'
import type { Explanation } from '../providers/explain.ts'

const folder = mkdtempSync(join(tmpdir(), 'switchyard-explain-'))
after(() => rmSync(folder, { recursive: true }))

// The command's own file is run as a process: what matters is what stands on the terminal and how it ends.
const script = `
  const { explain } = await import(${JSON.stringify(pathToFileURL(join(import.meta.dirname, 'explain.ts')).href)})
  const [file, flags] = JSON.parse(process.env.ASKED)
  await explain(file, flags).catch((error) => { console.error(error.message); process.exitCode = 1 })
`

interface Ended {
  readonly code: number | null
  readonly out: string
  readonly error: string
}

async function run(file: string, flags: object = {}, input: string | Buffer = ''): Promise<Ended> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    env: { ...process.env, ASKED: JSON.stringify([file, flags]) },
  })
  let out = ''
  let error = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (error += text))
  // A command that stops reading closes its end; that is not the test's concern.
  child.stdin.on('error', () => {}).end(input)
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve))
  return { code, out, error }
}

const answer = `HTTP/1.1 429 Too Many Requests
Retry-After: 30
Date: Mon, 23 Nov 2026 10:00:00 GMT
Authorization: Bearer sk-or-v1-0123456789abcdef0123

{"error":{"message":"Rate limit reached for model \`m\` in organization \`org_1234\` on tokens per minute (TPM): Limit 1","type":"tokens","code":"rate_limit_exceeded"}}`

describe('switchyard explain', { concurrency: true }, () => {
  it('explains a file', async () => {
    const file = join(folder, 'answer.txt')
    writeFileSync(file, answer)
    const { code, out, error } = await run(file)
    assert.deepEqual([code, error], [0, ''])
    assert.match(
      out,
      /^Read as an HTTP answer, status 429 \(its own\), judged at 2026-11-23T10:00:00\.000Z\.$/m,
    )
    assert.match(out, /^ {2}rule {4}minute: rate, scope account-model$/m)
    assert.match(
      out,
      /^ {2}rests {3}this account rests for this model until 2026-11-23T10:00:30Z because the service said so \(Retry-After\)$/m,
    )
    assert.match(
      out,
      /^ {2}client {2}sees 429, type rate_limit_error, code rate_limit_exceeded when nothing else can answer \(the library says quota_exhausted\)$/m,
    )
    assert.ok(!/sk-or|org_1234/.test(out))
  })

  it('reads its input, and writes JSON of a stable shape', async () => {
    const { code, out } = await run('-', { json: true, provider: 'compatible' }, answer)
    const { verdicts, ...rest } = JSON.parse(out) as Explanation
    assert.equal(code, 0)
    assert.deepEqual(verdicts[0]?.client, {
      status: 429,
      code: 'quota_exhausted',
      openai: { type: 'rate_limit_error', code: 'rate_limit_exceeded' },
    })
    assert.deepEqual(rest, {
      form: 'http',
      status: 429,
      statusFrom: 'answer',
      at: '2026-11-23T10:00:00.000Z',
      judgedFor: 'the service was named',
    })
    assert.deepEqual(Object.keys(verdicts[0] ?? {}), [
      'provider',
      'title',
      'knownBy',
      'rule',
      'kind',
      'scope',
      'lane',
      'message',
      'rests',
      'until',
      'stated',
      'next',
      'client',
    ])
  })

  it('asks for a report of an unknown body, with a copy to paste', async () => {
    const { code, out } = await run(
      '-',
      { status: '418', header: ['Retry-After: x'] },
      '{"error":{"message":"\u001b[31mnew\u0007","type":"odd","user":"jane"}}',
    )
    assert.equal(code, 0)
    assert.match(out, /unknown: short growing cooldown \(5 s … 5 min\); please report it/)
    assert.match(out, /^ {4}HTTP\/1\.1 418$/m)
    assert.ok(!out.includes('jane'))
    // Nothing of it may move the cursor or ring.
    // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
    assert.ok(!/[\u0000-\u0009\u000b-\u001f]/.test(out))
  })

  it('refuses what it cannot read, without repeating it', async () => {
    const table: [string, object, string | Buffer, RegExp][] = [
      [join(folder, 'none.txt'), {}, '', /none\.txt" cannot be read \(ENOENT\)/],
      [folder, {}, '', /cannot be read \(EISDIR\)/],
      ['-', {}, '  \n', /^the input is empty/],
      ['-', {}, Buffer.alloc(1_048_577, 'x'), /larger than 1 MiB/],
      ['-', { status: 'many' }, 'x', /--status takes an HTTP status; got "many"/],
      [
        '-',
        { header: ['a: b', 'Bearer sk-or-v1-0123456789abcdef'] },
        'x',
        /--header takes "Name: value"; number 2/,
      ],
      ['-', { provider: 'nobody' }, 'x', /no provider "nobody"; known: "/],
    ]
    await Promise.all(
      table.map(async ([file, flags, input, message]) => {
        const { code, out, error } = await run(file, flags, input)
        assert.match(error, message)
        assert.deepEqual([code, out], [1, ''])
        assert.ok(!error.includes('0123456789'))
      }),
    )
  })
})
