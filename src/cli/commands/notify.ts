import type { Command } from 'commander'
import { command, examplesOf } from './examples.ts'

/** Commands about messages to the operator. */
export function addNotifyCommands(main: Command): void {
  const notify = main
    .command('notify')
    .description(
      'messages when something matters (pool spent, key dead, ceiling reached, …); see "notify" in the config',
    )
    .addHelpText('after', examplesOf(['switchyard notify test', 'to every target']))
  command(
    notify,
    'test',
    'send a test message to every configured target, or to one, and say what became of it',
    ['switchyard notify test', 'to every target'],
    ['switchyard notify test slack', 'to one'],
  )
    .argument('[target]', 'name of the target: its "name" in the config, else its type')
    .option('--config <file>', 'config file (default: switchyard.yaml in SWITCHYARD_HOME)')
    .action(async (name, flags) => (await import('../notify.ts')).testNotify(name, flags))
}
