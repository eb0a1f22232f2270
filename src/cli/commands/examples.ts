import type { Command } from 'commander'

/** What is typed, and what it is for. */
export type Example = readonly [line: string, what: string]

/** Stands below the help of a command. */
export function examplesOf(...examples: readonly Example[]): string {
  const width = Math.max(...examples.map(([line]) => line.length))
  const lines = examples.map(([line, what]) => `  ${line.padEnd(width)}  ${what}`.trimEnd())
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
