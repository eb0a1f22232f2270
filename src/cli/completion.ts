import { script } from '@bomb.sh/tab'
import attach from '@bomb.sh/tab/commander'
import { load, type Loaded } from '../config/load.ts'
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
  const revoked = [...(root.commands.get('clients revoke')?.arguments.values() ?? [])][0]
  if (revoked !== undefined)
    revoked.handler = (found) => {
      for (const name of clientNames()) found(name, 'client')
    }
  await program.parseAsync([...argv])
}

function keyNames(): readonly { readonly name: string; readonly provider: string }[] {
  const { providers: known = [] } = settings() ?? {}
  return known.flatMap(({ provider, keys }) => keys.map(({ name }) => ({ name, provider: provider.title })))
}

function clientNames(): readonly string[] {
  return settings()?.clients.map(({ name }) => name) ?? []
}

/** A mistake in them is not told in the middle of a command line. */
function settings(): Loaded | undefined {
  try {
    return load({ environment: process.env })
  } catch {
    return undefined
  }
}
