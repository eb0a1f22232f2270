import type { Command } from 'commander'

/** What is typed, and what it is for. */
export type Example = readonly [line: string, what: string]

const columns = 80

/** Stands below the help of a command: what an example is for beside it, or under it where that would be too wide. */
export function examplesOf(...examples: readonly Example[]): string {
  const width = Math.max(...examples.map(([line]) => line.length))
  const beside = examples.map(([line, what]) => `  ${line.padEnd(width)}  ${what}`.trimEnd())
  const lines = beside.every((line) => line.length <= columns)
    ? beside
    : examples.flatMap(([line, what]) => [`  ${line}`, ...(what === '' ? [] : [`      ${what}`])])
  return `\nExamples:\n${lines.join('\n')}`
}

/** Adds a command with its examples. */
export function command(parent: Command, name: string, what: string, ...examples: Example[]): Command {
  // A group's name alone lists what there is.
  const options = { isDefault: name === 'list' }
  return parent
    .command(name, options)
    .description(what)
    .addHelpText('after', examplesOf(...examples))
}
