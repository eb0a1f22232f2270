import { Command } from 'commander'
import { examplesOf } from './commands/examples.ts'
import { addDecisionCommands } from './commands/decisions.ts'
import { addGatewayCommands } from './commands/gateway.ts'
import { addInitCommand, type Service } from './commands/init.ts'
import { addLookCommands } from './commands/look.ts'
import { addNotifyCommands } from './commands/notify.ts'
import { addSettingsCommands } from './commands/settings.ts'
import { readVersion } from './version.ts'

const afterwords = `
Log (serve, start): JSON lines on stderr; SWITCHYARD_LOG=silent turns it off.
Colours: on a terminal only; NO_COLOR=1 or --no-color turns them off.

${examplesOf(
  ['switchyard init', 'set up keys, policy and clients'],
  ['switchyard start', 'serve; without keys in a sandbox'],
  ['switchyard chat "Why is the sky blue?"', 'one question, free quota first'],
  ['switchyard status --watch', 'what is left, and which keys rest'],
).trimStart()}`

/** All commands. They load what they need when they run: `--help` must not wait for a database driver. */
export function createProgram({
  completion = true,
  services = [],
}: {
  readonly completion?: boolean
  /** Those that have flags of their own; loading them takes time that other commands need not spend. */
  readonly services?: readonly Service[]
} = {}): Command {
  const main = new Command('switchyard')
    .description(
      'Pools LLM API keys, spends free quota first, falls over to cheap paid capacity, never wastes a call on a spent key.',
    )
    .version(readVersion())
    .showSuggestionAfterError()
    .showHelpAfterError('(switchyard --help lists the commands)')
    .addHelpText('after', afterwords)
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
    .hook('preAction', (_, command) => dropColours(command))
  main.commandsGroup('Set up and run:')
  addInitCommand(main, services)
  addGatewayCommands(main)
  main.commandsGroup('Ask and look:')
  addLookCommands(main)
  addDecisionCommands(main)
  main.addHelpCommand(
    new Command('help').argument('[command]').description('help for a command').helpGroup('Ask and look:'),
  )
  main.commandsGroup('Settings:')
  addSettingsCommands(main, { completion })
  addNotifyCommands(main)
  for (const command of withSubcommands(main)) command.option('--no-color', 'no colours')
  return main
}

/** The command itself and all below it. */
export function withSubcommands(command: Command): Command[] {
  return [command, ...command.commands.flatMap((each) => withSubcommands(each))]
}

/** Said to everybody at once: to Node, to us, and to the library that asks questions. */
function dropColours(command: Command): void {
  for (let each: Command | null = command; each !== null; each = each.parent) {
    if (each.opts()['color'] !== false) continue
    delete process.env['FORCE_COLOR']
    process.env['NO_COLOR'] = '1'
  }
}
