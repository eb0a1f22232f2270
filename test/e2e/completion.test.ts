import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { bin, Desk } from '../support/cli.ts'

const client = '{ name: bot, key: a-key-of-a-client-0123456789 }'

/** A desk with a key, a client, and a program `switchyard` on its path. */
function openDesk(): Desk {
  const desk = new Desk({ OPENROUTER_API_KEY_7: 'sk-or-v1-0123456789', TERM: 'xterm' })
  writeFileSync(join(desk.home, 'switchyard.yaml'), `clients: [${client}]\n`, { mode: 0o600 })
  const folder = join(desk.home, 'bin')
  mkdirSync(folder)
  writeFileSync(join(folder, 'switchyard'), `#!/bin/sh\nexec '${process.execPath}' '${bin}' "$@"\n`, {
    mode: 0o755,
  })
  desk.environment['PATH'] = `${folder}:${desk.environment['PATH']}`
  return desk
}

/** Bash is everywhere; where another shell is not, that its completion was not tried must be seen. */
function isMissing(shell: string, t: TestContext): boolean {
  if (spawnSync(shell, ['--version']).error === undefined) return false
  const said = `${shell.toUpperCase()} IS NOT INSTALLED: ITS COMPLETION WAS NOT TRIED`
  console.error(`\n*** ${said} ***\n`)
  t.skip(said)
  return true
}

test('bash completes commands, options, and names of keys and clients', async () => {
  using desk = openDesk()
  const { out: script } = await desk.run(['completion', 'bash'])
  const completed = (...words: string[]): string[] => {
    const lines = [
      script,
      `COMP_WORDS=(switchyard ${words.map((word) => `'${word}'`).join(' ')})`,
      `COMP_CWORD=${words.length}; COMP_LINE="\${COMP_WORDS[*]}"; COMP_POINT=\${#COMP_LINE}`,
      `eval "$(complete -p switchyard | sed 's/.*-F \\([^ ]*\\).*/\\1/')"`,
      'printf "%s\\n" "${COMPREPLY[@]}"',
    ]
    const { stdout, stderr } = spawnSync('bash', ['-c', lines.join('\n')], {
      env: desk.environment,
      encoding: 'utf8',
    })
    assert.equal(stderr, '')
    return stdout.split('\n').map((line) => line.split(/\s/)[0] ?? '')
  }
  assert.ok(completed('st').includes('status'))
  assert.ok(completed('keys', '').includes('release'))
  assert.ok(completed('usage', '--').includes('--csv'))
  assert.ok(completed('keys', 'release', '').includes('OPENROUTER_API_KEY_7'))
  for (const command of ['change', 'revoke'])
    assert.deepEqual(
      completed('clients', command, '').filter((word) => word === 'bot'),
      ['bot'],
      command,
    )
  assert.equal((await desk.run(['completion', 'ksh'])).code, 2)
})

const lines: readonly (readonly [line: string, wanted: string])[] = [
  ['switchyard stat', 'status'],
  ['switchyard keys ', 'release'],
  ['switchyard usage --', '--csv'],
  ['switchyard keys release ', 'OPENROUTER_API_KEY_7'],
  ['switchyard clients revoke ', 'bot'],
]

test('fish completes the same', (t) => {
  if (isMissing('fish', t)) return
  using desk = openDesk()
  for (const [line, wanted] of lines) {
    const script = `switchyard completion fish | source; complete -C '${line}'`
    const { stdout, stderr } = spawnSync('fish', ['--no-config', '-c', script], {
      env: desk.environment,
      encoding: 'utf8',
    })
    assert.equal(stderr, '')
    assert.ok(
      stdout.split('\n').some((each) => each.split('\t')[0] === wanted),
      `${line}: ${stdout}`,
    )
  }
})

test('zsh completes the same, on a terminal', async (t) => {
  if (isMissing('zsh', t)) return
  using desk = openDesk()
  desk.environment['ZDOTDIR'] = desk.home
  writeFileSync(
    join(desk.home, '.zshrc'),
    "autoload -Uz compinit && compinit -u\nsource <(switchyard completion zsh)\nPS1='ready> '\n",
  )
  await using shell = desk.programOnTerminal(['zsh', '-i'], 120)
  await shell.until(/ready> /)
  for (const [line, wanted] of lines) {
    const word = line.split(' ').at(-1) ?? ''
    // What was typed is echoed: only what comes behind it was completed.
    const shown = `${line.trimEnd()}[^]*${wanted.slice(wanted.startsWith(word) ? word.length : 0)}`
    shell.child.stdin?.write(`${line}\t`)
    await shell.until(new RegExp(shown))
    // Ctrl-U and Enter: an empty line. Ctrl-C is lost while zsh still draws.
    shell.child.stdin?.write('\u0015\r')
    await shell.until(new RegExp(`${shown}[^]*ready> `))
  }
  // Nothing may wait for it at its end.
  shell.child.stdin?.write('exit\r')
})
