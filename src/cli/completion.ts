import { script } from '@bomb.sh/tab'
import attach from '@bomb.sh/tab/commander'
import { load } from '../config/load.ts'
import { providers } from '../providers/index.ts'
import { createProgram } from './program.ts'

const commandName = 'switchyard'
const takeKeys = ['keys disable', 'keys enable', 'keys release', 'keys test']

/** `switchyard completion SHELL`: the script, which asks `switchyard complete` while somebody types. */
export function printScript(shell: string): void {
  if (shell === 'bash') console.log(bashScript)
  else script(shell, commandName, commandName)
}

// Not the library's (0.0.22): that one needs the package bash-completion, makes variables read-only that a second program
// with the same library sets again, and evaluates what was typed.
const bashScript = `_switchyard_complete() {
  COMPREPLY=()
  local word
  while IFS=$'\\t' read -r word _; do
    [[ -z $word || $word == :* ]] || COMPREPLY+=("$word")
  done < <(${commandName} complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -o default -F _switchyard_complete ${commandName}`

/** Answers a shell: what may stand next. */
export async function complete(argv: readonly string[]): Promise<void> {
  const program = createProgram({ completion: false, services: providers })
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
    const loaded = load({ environment: process.env })
    return loaded.providers.flatMap(({ provider, keys }) =>
      keys.map(({ name }) => ({ name, provider: provider.title })),
    )
  } catch {
    return []
  }
}
