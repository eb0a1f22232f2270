import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createProgram, withSubcommands } from './program.ts'

test('the help of every command shows examples that name it, and its options say what they do', () => {
  for (const command of withSubcommands(createProgram())) {
    let help = ''
    command.configureOutput({ writeOut: (text) => (help += text) }).outputHelp()
    const path = command.parent === null ? '' : pathOf(command)
    const examples = help.split('Examples:\n')[1] ?? ''
    assert.match(examples, new RegExp(`^ {2}.*switchyard ${path}`, 'm'), path)
    for (const option of command.options) assert.notEqual(option.description, '', `${path} ${option.flags}`)
    for (const line of examples.split('\n')) assert.ok(line.length <= 120, line)
  }
})

test('every command that reads takes --json', () => {
  const reading = [
    'status',
    'models',
    'usage',
    'logs',
    'doctor',
    'reconcile',
    'explain',
    'keys list',
    'keys test',
  ]
  const all = withSubcommands(createProgram()).filter(({ parent }) => parent !== null)
  for (const path of [...reading, 'clients list', 'config check']) {
    const command = all.find((each) => pathOf(each) === path)
    assert.ok(
      command?.options.some(({ long }) => long === '--json'),
      path,
    )
  }
})

function pathOf(command: ReturnType<typeof createProgram>): string {
  const { parent } = command
  const above = parent === null || parent.parent === null ? '' : `${pathOf(parent)} `
  return above + command.name()
}
