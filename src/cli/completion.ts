import { script } from '@bomb.sh/tab'
import attach from '@bomb.sh/tab/commander'
import { load } from '../config/load.ts'
import { createProgram } from './program.ts'

const commandName = 'switchyard'
const takeKeys = ['keys disable', 'keys enable', 'keys release', 'keys test']

/** `switchyard completion SHELL`: the script, which asks `switchyard complete` while somebody types. */
export function printScript(shell: string): void {
  const lines: string[] = []
  const print = console.log
  // The library only prints. Its bash script makes variables of fixed names read-only: the script of a second program
  // that uses the library, or this one read again, would then complain in every new shell.
  console.log = (text: string) => lines.push(text)
  try {
    script(shell, commandName, commandName)
  } finally {
    console.log = print
  }
  console.log(lines.join('\n').replaceAll(/^readonly (?=ShellComp)/gm, ''))
}

/** Answers a shell: what may stand next. */
export async function complete(argv: readonly string[]): Promise<void> {
  const program = createProgram({ completion: false })
  const root = attach(program, { completionCommandName: 'completion' })
  for (const path of takeKeys) {
    const argument = [...(root.commands.get(path)?.arguments.values() ?? [])][0]
    if (argument === undefined) continue
    argument.handler = (found) => {
      for (const { name, provider } of keyNames()) found(name, provider)
    }
  }
  await program.parseAsync([...argv])
}

/** Of the settings; a mistake in them is not told in the middle of a command line. */
function keyNames(): readonly { readonly name: string; readonly provider: string }[] {
  try {
    const { providers } = load({ environment: process.env })
    return providers.flatMap(({ provider, keys }) =>
      keys.map(({ name }) => ({ name, provider: provider.title })),
    )
  } catch {
    return []
  }
}
