import type { Command } from '@bomb.sh/tab'
import attach from '@bomb.sh/tab/commander'
import { load, type Loaded } from '../config/load.ts'
import { providers } from '../providers/index.ts'
import { createProgram } from './program.ts'

const takeKeys = ['keys disable', 'keys enable', 'keys release', 'keys test']
const takeClients = ['clients change', 'clients revoke']

/** Answers a shell: what may stand next. */
export async function complete(argv: readonly string[]): Promise<void> {
  const program = createProgram({ completion: false, services: providers })
  const root = attach(program, { completionCommandName: 'completion' })
  for (const path of takeKeys)
    suggest(root.commands.get(path), () => keyNames().map(({ name, provider }) => [name, provider]))
  for (const path of takeClients)
    suggest(root.commands.get(path), () => clientNames().map((name) => [name, 'client']))
  await program.parseAsync([...argv])
}

/** What may stand as a command's first argument: words, each with what it is. */
function suggest(command: Command | undefined, words: () => readonly (readonly [string, string])[]): void {
  const [argument] = command?.arguments.values() ?? []
  if (argument === undefined) return
  argument.handler = (found) => {
    for (const [word, what] of words()) found(word, what)
  }
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
