import assert from 'node:assert/strict'
import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { createMovableClock } from '../../src/clock.ts'
import { environmentFor, startSimulator } from '../../src/simulator/index.ts'
import { Desk, type Finished } from '../support/cli.ts'
import { freePort } from '../support/free-port.ts'

interface Line {
  readonly group: Readonly<Record<string, string>>
  readonly requests: number
  readonly attempts: number
  readonly failed: number
  readonly usd: number
  readonly freeValueUsd: number | null
}

interface Report {
  readonly by: readonly string[]
  readonly reference: { readonly model: string } | null
  readonly rows: readonly Line[]
  readonly total: Omit<Line, 'group'>
}

const parsed = <Value>({ out, err }: Finished): Value => {
  assert.equal(err, '')
  return JSON.parse(out) as Value
}

test('usage and logs tell the same from a running gateway and from its ledger', async () => {
  await using simulator = await startSimulator()
  using desk = new Desk({ ...environmentFor(simulator), SWITCHYARD_PORT: await freePort() })
  {
    await using gateway = desk.start(['serve'])
    await gateway.until(/Try it:\n.*\n/)
    assert.match((await desk.run(['usage'])).out, /^No calls from \d{4}-/)
    await using follow = desk.start(['logs', '--follow'])
    for (const word of ['one', 'two']) assert.equal((await desk.run(['chat', word])).code, 0)
    simulator.addFault({
      provider: 'ollama',
      kind: 'custom',
      status: 401,
      body: '{"error":"unauthorized"}',
      times: 1,
    })
    const third = await desk.run(['chat', '-m', 'gemma4:31b', 'three'])
    assert.equal(third.code, 0, third.err)
    await follow.until(/done +OLLAMA_API_KEY_\d +gemma4:31b/)
    const ended = await follow.stop('SIGINT')
    assert.deepEqual([ended.code, ended.err, ended.out.trim().split('\n').length], [0, '', 4])
    await compare(desk)
  }
  await compare(desk)
})

async function compare(desk: Desk): Promise<void> {
  const [day, model, all, csv, text, lines, failed, key] = await Promise.all([
    desk.run(['usage', '--json']),
    desk.run(['usage', '--by', 'provider,client', '--since', 'today', '--json']),
    desk.run(['logs', '--json']),
    desk.run(['usage', '--by', 'provider', '--csv']),
    desk.run(['usage']),
    desk.run(['logs', '-n', '2']),
    desk.run(['logs', '--failed']),
    desk.run(['logs', '--key', 'OPENROUTER_API_KEY_1', '--json']),
  ])
  const { total, rows, reference } = parsed<Report>(day)
  assert.deepEqual([rows.length, total.requests, total.attempts, total.failed], [1, 3, 4, 1])
  assert.match(rows[0]?.group['day'] ?? '', /^\d{4}-\d\d-\d\dT00:00:00Z$/)
  assert.equal(reference?.model, 'gemma4:31b')
  assert.ok(total.usd > 0 && (total.freeValueUsd ?? 0) > 0)
  const grouped = parsed<Report>(model).rows.map((row) => [
    row.group['provider'],
    row.group['client'],
    row.attempts,
  ])
  assert.deepEqual(grouped, [
    ['ollama', 'default', 2],
    ['openrouter', 'default', 2],
  ])
  assert.match(csv.out, /^provider,requests,attempts,.*\nollama,1,2,1,.*\nopenrouter,2,2,0,.*\n$/)
  assert.match(text.out, /^From .* UTC; --since 30d .*\n\nDAY +REQUESTS +FAILED .*\n\d{4}-\d\d-\d\d +3 +1 /)
  assert.match(text.out, /Free calls would have cost \$0\.0\d+ at gemma4:31b \(\$/)
  const rowsOf = ({ out }: Finished): Record<string, unknown>[] =>
    out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
  assert.deepEqual(
    rowsOf(all).map(({ state, attempt }) => [state, attempt]),
    [
      ['done', 1],
      ['done', 1],
      ['failed', 1],
      ['done', 2],
    ],
  )
  assert.deepEqual(
    rowsOf(key).map((row) => row['key']),
    ['OPENROUTER_API_KEY_1', 'OPENROUTER_API_KEY_1'],
  )
  assert.match(
    lines.out,
    /^\d\d:\d\d:\d\d HTTP 401 +OLLAMA_\S+ +gemma4:31b .*\n\d\d:\d\d:\d\d done .* attempt 2\n$/,
  )
  assert.match(failed.out, /^\S+ HTTP 401 .*\n$/)
  const [first] = rowsOf(all)
  const one = await desk.run(['logs', '--request', String(first?.['request']), '--json'])
  assert.deepEqual(rowsOf(one), [first])
}

test('a wrong range, group or reference is told in words', async () => {
  using desk = new Desk({ SWITCHYARD_PORT: await freePort() })
  const table: readonly (readonly [string[], RegExp])[] = [
    [['usage', '--since', 'yesterday'], /--since takes today, month, 7d, 12h, or a date such as/],
    [['usage', '--since', '2026-11-02', '--until', '2026-11-01'], /--since must be before --until/],
    [['usage', '--by', 'week'], /--by takes day, hour, model, key, client, provider/],
    [['logs', '-n', '0'], /--lines takes a number from 1 to 10000/],
    [['models', '--needs', 'wings'], /--needs takes tools, images, json, think/],
    [['status', '--watch', '--interval', '0'], /--interval takes seconds/],
  ]
  await Promise.all(
    table.map(async ([args, message]) => {
      const { code, out, err } = await desk.run(args)
      assert.deepEqual([code, out], [2, ''], args.join(' '))
      assert.match(err, message)
    }),
  )
  // Nothing is wrong with what was typed.
  const alone = await desk.run(['models'])
  assert.deepEqual([alone.code, alone.out], [1, ''])
  assert.match(alone.err, /no gateway answers .*switchyard start/)
})

test('models are read live and filtered, with and without a gateway', async () => {
  await using simulator = await startSimulator()
  using desk = new Desk({ ...environmentFor(simulator), SWITCHYARD_PORT: await freePort() })
  const ids = async (...args: string[]): Promise<string[]> =>
    parsed<{ id: string }[]>(await desk.run(['models', ...args, '--json'])).map(({ id }) => id)
  const look = async (): Promise<void> => {
    assert.ok((await ids()).length > 20)
    const free = parsed<{ free: boolean; capabilities: string[]; price: object | null }[]>(
      await desk.run(['models', '--free', '--needs', 'tools,images', '--json']),
    )
    assert.ok(free.length > 0)
    for (const model of free) {
      assert.ok(model.free)
      assert.ok(['tools', 'images'].every((need) => model.capabilities.includes(need)))
    }
    assert.deepEqual(await ids('GPT', ':20b', '--provider', 'ollama'), ['gpt-oss:20b'])
    assert.match(
      (await desk.run(['models', 'gpt-oss'])).out,
      /^gpt-oss:120b +ollama +128K +0\.15, 0\.6 +tools think$/m,
    )
    assert.match((await desk.run(['models', 'no such'])).out, /^0 of \d+ models/)
  }
  await look()
  await using gateway = desk.start(['serve'])
  await gateway.until(/Try it:\n.*\n/)
  await look()
  assert.equal(simulator.counters().openrouter.calls, 0)
})

test('doctor finds what is wrong, says what to do, and exits with 1 only when something does not work', async () => {
  await using simulator = await startSimulator({
    openrouter: { accounts: [{ keys: ['sk-or-v1-one-0123456789', 'sk-or-v1-two-0123456789'] }] },
  })
  using desk = new Desk({ ...environmentFor(simulator), SWITCHYARD_PORT: await freePort() })
  writeFileSync(join(desk.home, 'client-key'), 'client-key-of-a-test\n', { mode: 0o600 })
  const well = await desk.run(['doctor'])
  assert.equal(well.code, 0, well.out)
  assert.match(well.out, /^ok {7}node: Node v/m)
  assert.match(well.out, /^ok {7}clock: agrees/m)
  assert.match(
    well.out,
    /^warning {2}accounts: 2 keys, 1 account: 50 free requests a day, not 100 \(.*\n {9}→ /m,
  )
  assert.match(well.out, /\n0 errors, 1 warning\.\n$/)

  chmodSync(join(desk.home, 'client-key'), 0o644)
  using ill = new Desk({ ...desk.environment, OPENROUTER_API_KEY_9: 'sk-or-v1-wrong-0123456789' })
  const found = await ill.run(['doctor', '--json'])
  const { ok, findings } = parsed<{
    ok: boolean
    findings: { check: string; level: string; fix?: string }[]
  }>(found)
  assert.deepEqual([found.code, ok], [1, false])
  const bad = findings.filter(({ level }) => level !== 'ok')
  assert.deepEqual(bad.map((each) => [each.check, each.level]).toSorted(), [
    ['accounts', 'warning'],
    ['files', 'warning'],
    ['keys', 'error'],
  ])
  for (const { fix } of bad) assert.ok(fix)

  using nowhere = new Desk({
    ...desk.environment,
    OPENROUTER_BASE_URL: `http://127.0.0.1:${await freePort()}`,
  })
  const unreachable = await nowhere.run(['doctor'])
  assert.deepEqual(
    [
      unreachable.code,
      /^error {4}reach: openrouter OPENROUTER_API_KEY_1: .*ECONNREFUSED/m.test(unreachable.out),
    ],
    [1, true],
  )
  assert.equal((await nowhere.run(['doctor', '--offline'])).code, 0)
  using broken = new Desk()
  writeFileSync(join(broken.home, 'switchyard.yaml'), 'prot: 1\n')
  assert.match((await broken.run(['doctor'])).out, /^error {4}config: .*:1: unknown setting "prot"/m)
  const ahead = createMovableClock({ start: Date.now() + 3_600_000, running: true })
  await using future = await startSimulator({ clock: ahead })
  using late = new Desk({ ...environmentFor(future), SWITCHYARD_PORT: await freePort() })
  const skewed = await late.run(['doctor'])
  assert.match(skewed.out, /^warning {2}clock: this machine is 3\d{3} s behind the services/m)
  assert.equal(skewed.code, 0)
  using damaged = new Desk({ ...environmentFor(simulator), SWITCHYARD_PORT: await freePort() })
  writeFileSync(join(damaged.home, 'ledger.db'), 'this is no database'.repeat(300), { mode: 0o600 })
  assert.match((await damaged.run(['doctor', '--offline'])).out, /^error {4}ledger: /m)
})
