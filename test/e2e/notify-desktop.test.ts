import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { desktopCommand } from '../../src/notify/targets/desktop.ts'
import { Desk } from '../support/cli.ts'

// In the place of the real programs: writes down what it was given, an argument a line, and which variables.
const recorder = `#!/bin/sh
out="$(dirname "$0")"
printf '%s\\0' "$@" > "$out/args"
env > "$out/env"
`

test('a desktop message is plain arguments to a program on the path, which gets no key', async () => {
  using desk = new Desk({ OPENROUTER_API_KEY: 'sk-or-v1-canary-0123456789', DISPLAY: ':7' })
  writeFileSync(join(desk.home, 'switchyard.yaml'), 'notify: { targets: [{ type: desktop }] }\n')
  const missing = await desk.run(['notify', 'test'])
  const program = process.platform === 'darwin' ? 'osascript' : 'notify-send'
  // A machine with a desktop may well have the real program; it is not this test's business to show messages there.
  if (missing.code !== 0)
    assert.match(missing.out, /^desktop: failed: (there is no|\S+ (failed|did not end))/)

  const folder = join(desk.home, 'bin')
  mkdirSync(folder)
  writeFileSync(join(folder, program), recorder)
  chmodSync(join(folder, program), 0o755)
  desk.environment['PATH'] = `${folder}:${desk.environment['PATH']}`
  const sent = await desk.run(['notify', 'test', 'desktop'])
  assert.deepEqual(sent, { code: 0, out: `desktop: sent (shown by ${program})\n`, err: '' })
  const args = readFileSync(join(folder, 'args'), 'utf8').split('\0').slice(0, -1)
  assert.deepEqual(args.slice(-2), [
    'Switchyard: This is a test',
    'Messages of this router arrive here. Nothing has happened, nothing to do.',
  ])
  const environment = readFileSync(join(folder, 'env'), 'utf8')
  assert.match(environment, /^DISPLAY=:7$/m)
  assert.doesNotMatch(environment, /canary/)

  writeFileSync(join(folder, program), '#!/bin/sh\nexit 3\n')
  const failed = await desk.run(['notify', 'test'])
  assert.match(
    failed.out,
    /^desktop: failed: \S+ failed \(3\); is there a desktop\?; a running gateway would try again\n$/,
  )
})

test('what a service wrote is neither an option, nor a script, nor markup', () => {
  const notice = { title: '--help', lines: ['"; do shell script "x', '<b>&', '-e'], urgent: true }
  const linux = desktopCommand('linux', notice)
  assert.deepEqual(
    [linux?.program, ...(linux?.args ?? [])],
    [
      'notify-send',
      '--app-name=Switchyard',
      '--urgency=critical',
      '--',
      'Switchyard: --help',
      '"; do shell script "x\n&lt;b&gt;&amp;\n-e',
    ],
  )
  const mac = desktopCommand('darwin', notice)
  assert.equal(mac?.program, 'osascript')
  assert.deepEqual(mac?.args, [
    '-e',
    'on run argv',
    '-e',
    'display notification (item 2 of argv) with title (item 1 of argv)',
    '-e',
    'end run',
    'Switchyard: --help',
    notice.lines.join('\n'),
  ])
  assert.equal(desktopCommand('win32', notice), undefined)
})
