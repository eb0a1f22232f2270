import assert from 'node:assert/strict'
import { test } from 'node:test'
import { environmentFor, startSimulator } from '../../src/simulator/index.ts'
import { Desk } from '../support/cli.ts'
import { freePort } from '../support/free-port.ts'

// What only shows on a terminal: colours, redrawing in place, and what Ctrl-C leaves behind.

const ctrlC = '\u0003'
const secondScreen = '\u001b[?1049h\u001b[?25l'
const firstScreen = '\u001b[?25h\u001b[?1049l'
// oxlint-disable-next-line no-control-regex -- control characters are what is looked for
const colour = /\u001b\[\d+m/

test('status is coloured on a terminal only, and not when colours are not wanted', async () => {
  const port = await freePort()
  using desk = new Desk({ SWITCHYARD_PORT: port, TERM: 'xterm' })
  await using gateway = desk.start(['start'])
  await gateway.until(/Try it:\n.*\n/)
  using plain = new Desk({ ...desk.environment, NO_COLOR: '1' })
  const [terminal, flagged, unwanted, piped] = await Promise.all([
    desk.onTerminal(['status']).ended,
    desk.onTerminal(['--no-color', 'status']).ended,
    plain.onTerminal(['status']).ended,
    desk.run(['status']),
  ])
  assert.deepEqual([terminal.code, flagged.code, unwanted.code, piped.code], [0, 0, 0, 0])
  assert.match(terminal.out, colour)
  for (const { out } of [flagged, unwanted, piped]) {
    assert.match(out, /OpenRouter · free · ok/)
    assert.doesNotMatch(out, colour)
  }
  for (const line of flagged.out.split('\r\n')) assert.ok(line.length <= 80, line)
})

test('status --watch redraws in place, shows what changed, and leaves nothing behind on Ctrl-C', async () => {
  const port = await freePort()
  using desk = new Desk({ SWITCHYARD_PORT: port, TERM: 'xterm', NO_COLOR: '1' })
  await using gateway = desk.start(['start'])
  await gateway.until(/Try it:\n.*\n/)
  await using watch = desk.onTerminal(['status', '--watch', '--interval', '0.2'])
  await watch.until(/ 0 of 50 /)
  assert.equal((await desk.run(['chat', 'hi'])).code, 0)
  const shown = await watch.until(/ 1 of 50 /)
  watch.child.stdin?.write(ctrlC)
  const { code, out } = await watch.ended
  assert.equal(code, 0)
  assert.ok(out.startsWith(secondScreen))
  // Nothing is written after the first screen is back.
  assert.ok(out.endsWith(firstScreen), JSON.stringify(out.slice(-60)))
  assert.ok(shown.split('\u001b[H').length > 2, 'it was drawn more than once')
})

test('a window that is too small says how much is missing', async () => {
  using desk = new Desk({ SWITCHYARD_PORT: await freePort(), TERM: 'xterm', NO_COLOR: '1' })
  await using gateway = desk.start(['start'])
  await gateway.until(/Try it:\n.*\n/)
  await using watch = desk.onTerminal(['status', '--watch', '--interval', '0.2'], 80, 10)
  await watch.until(/… \d+ more lines; enlarge the window/)
  watch.child.stdin?.write(ctrlC)
  assert.equal((await watch.ended).code, 0)
})

test('a conversation goes on, changes its model, tells tokens and cost, and Ctrl-C stops only the answer', async () => {
  await using simulator = await startSimulator({ chunkDelayMs: 150 })
  using desk = new Desk({
    ...environmentFor(simulator),
    SWITCHYARD_PORT: await freePort(),
    TERM: 'xterm',
    NO_COLOR: '1',
  })
  await using gateway = desk.start(['serve'])
  await gateway.until(/Try it:\n.*\n/)
  await using talk = desk.onTerminal(['chat'], 100)
  const say = (line: string): unknown => talk.child.stdin?.write(line)
  await talk.until(/Model auto\.[^]*> /)
  say('hello\r')
  await talk.until(/\[openrouter · \S+ · OPENROUTER_API_KEY_1 · \$0\.00, \d+ tokens\]/)
  say('/model gpt-oss:12b\r')
  await talk.until(/no provider lists a model "gpt-oss:12b"/)
  say('/model gpt-oss:20b\r')
  await talk.until(/Model gpt-oss:20b/)
  say('and now?\r')
  await talk.until(/\[ollama · gpt-oss:20b · OLLAMA_API_KEY_\d · \$0\.0{3,}\d+, \d+ tokens\]/)
  say(`go on ${'and on '.repeat(30)}\r`)
  await talk.until(/You said: go on and on/)
  say(ctrlC)
  await talk.until(/stopped\r\n[^]*> /)
  say('/odd\r')
  await talk.until(/\/exit +the end/)
  say(ctrlC)
  const { code, out } = await talk.ended
  assert.equal(code, 0)
  assert.match(out, /2 answers, \d+ tokens, \$0\.0\d+\r\n$/)
})
