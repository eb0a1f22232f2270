import { script } from '@bomb.sh/tab'

const commandName = 'switchyard'

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
