import { Argument, type Command } from 'commander'
import { command, examplesOf } from './examples.ts'

const configOption = ['--config <file>', 'config file (default: switchyard.yaml in SWITCHYARD_HOME)'] as const

/** Commands that change settings. `completion`: whether the command of that name is there. */
export function addSettingsCommands(main: Command, { completion }: { readonly completion: boolean }): void {
  addKeys(main)
  addClients(main)
  const config = main
    .command('config')
    .description('the config file')
    .addHelpText('after', examplesOf(['switchyard config check', 'is everything spelt right?']))
  command(
    config,
    'check',
    'read all settings as serve would, and say what is wrong, with the line',
    ['switchyard config check', 'the file in SWITCHYARD_HOME, and the environment'],
    ['switchyard config check --config new.yaml', 'another file, before it is used'],
  )
    .option(...configOption)
    .option('--json', 'print JSON')
    .action(async (flags) => (await import('../config/check.ts')).checkConfig(flags))
  if (!completion) return
  command(
    main,
    'completion',
    'print the script that lets a shell complete commands, options and key names',
    ['source <(switchyard completion bash)', 'bash, in ~/.bashrc'],
    ['source <(switchyard completion zsh)', 'zsh, in ~/.zshrc after compinit'],
    ['switchyard completion fish | source', 'fish, in config.fish'],
  )
    .addArgument(new Argument('<shell>', 'which shell').choices(['bash', 'zsh', 'fish']))
    .action(async (shell: string) => (await import('../completion.ts')).printScript(shell))
}

function addKeys(main: Command): void {
  const keys = main
    .command('keys')
    .description('keys in use: names, masked, never whole')
    .addHelpText(
      'after',
      examplesOf(
        ['switchyard keys', 'which keys there are'],
        ['switchyard keys test', 'are they accepted? spends no quota'],
        ['switchyard keys add openrouter', 'asks for a key without showing it'],
      ),
    )
  listing(
    command(keys, 'list', 'list the keys', ['switchyard keys list --json', 'for programs']).option(
      '--json',
      'print JSON',
    ),
    async (flags: { readonly json?: boolean }) => (await import('../keys/keys.ts')).listKeys(flags),
  )
  command(
    keys,
    'add',
    'put a key into a file (mode 600) and the config file; checked live first, without spending quota; a running gateway uses it at once',
    ['switchyard keys add openrouter --name work', 'asks for the key without showing it'],
    ['pass openrouter | switchyard keys add openrouter', 'from a password manager'],
    ['switchyard keys add ollama --key-file key.txt --account acme', 'from a file; shares an account'],
  )
    .argument('<provider>', 'whose key it is')
    .option('--name <name>', 'for status and logs (default: openrouter-1, -2 …)')
    .option('--account <name>', 'keys with the same one share their limits; mostly found out by itself')
    .option('--key-file <file>', 'file that holds the key; - reads it from a pipe')
    .option('--no-check', 'do not ask the service whether it accepts the key')
    .option(...configOption)
    .action(async (provider, flags) => (await import('../keys/add.ts')).addKey(provider, flags))
  named(keys, 'disable', 'set a key aside, across restarts, until it is enabled').action(async (name) =>
    (await import('../keys/keys.ts')).enableKey(name, false),
  )
  named(keys, 'enable', 'take a disabled key back').action(async (name) =>
    (await import('../keys/keys.ts')).enableKey(name, true),
  )
  command(
    keys,
    'reload',
    'have the running gateway take keys that were written into the config file by hand',
    ['switchyard keys reload', 'what is new, and what has to wait for the next start'],
  )
    .option('--json', 'print JSON')
    .action(async (flags) => (await import('../keys/reload.ts')).reloadKeys(flags))
  named(keys, 'release', 'end the cooldowns of a key').action(async (name) =>
    (await import('../keys/keys.ts')).releaseKey(name),
  )
  command(
    keys,
    'test',
    'ask the services whether they accept the keys, by reads that spend no quota; exit code 1 if not all',
    ['switchyard keys test', 'all keys'],
    ['switchyard keys test work', 'one of them'],
  )
    .argument('[names...]', 'names of keys; left out: all')
    .option('--json', 'print JSON')
    .action(async (names, flags) => (await import('../keys/test-keys.ts')).testKeys(names, flags))
  command(
    keys,
    'client',
    "where the gateway's client key is",
    ['switchyard keys client', 'the path of its file'],
    ['export OPENAI_API_KEY=$(switchyard keys client --show)', 'for a client'],
  )
    .option('--show', 'print the key itself')
    .action(async (flags) => (await import('../keys/keys.ts')).clientKey(flags))
}

function named(keys: Command, name: string, what: string): Command {
  return command(keys, name, what, [`switchyard keys ${name} OPENROUTER_API_KEY_1`, '']).argument(
    '<name>',
    'name of the key, as "switchyard keys" shows it',
  )
}

function addClients(main: Command): void {
  const clients = main
    .command('clients')
    .description('who may use the gateway with a key of their own')
    .addHelpText(
      'after',
      examplesOf(
        ['switchyard clients', 'who there is, and what they spent'],
        ['switchyard clients add bot --free-only', 'a key that costs nothing'],
        ['switchyard clients change bot --usd-per-day 2', 'another budget, at once'],
      ),
    )
  listing(
    command(clients, 'list', 'list the clients, their budgets, and what they spent', [
      'switchyard clients list --json',
      'for programs',
    ])
      .option(...configOption)
      .option('--json', 'print JSON'),
    async (flags: { readonly json?: boolean; readonly config?: string }) =>
      (await import('../clients/list.ts')).listClients(flags),
  )
  command(
    clients,
    'add',
    'make a key for a client, in a file (mode 600), and enter it in the config file; a running gateway takes it at once',
    ['switchyard clients add bot --free-only', 'never spends money'],
    ['switchyard clients add desk --usd-per-month 5 --show', 'with a ceiling; prints the key once'],
  )
    .argument('<name>', 'for the ledger and policies')
    .option('--free-only', 'only calls that cost nothing')
    .option('--usd-per-day <dollars>', 'hard ceiling on what it spends in a UTC day')
    .option('--usd-per-month <dollars>', 'hard ceiling on what it spends in a UTC month')
    .option('--show', 'print the key')
    .option('--json', 'print JSON')
    .option(...configOption)
    .action(async (name, flags) => (await import('../clients/manage.ts')).addClient(name, flags))
  command(
    clients,
    'change',
    'set other terms for a client, at once; what is not given stays',
    ['switchyard clients change bot --usd-per-day 2 --no-free-only', 'may spend two dollars a day'],
    ['switchyard clients change desk --usd-per-month none', 'takes a ceiling away'],
  )
    .argument('<name>', 'as "switchyard clients" shows it')
    .option('--free-only', 'only calls that cost nothing')
    .option('--no-free-only', 'calls that cost something too')
    .option('--usd-per-day <dollars>', 'hard ceiling on what it spends in a UTC day; "none" takes it away')
    .option('--usd-per-month <dollars>', 'the same in a UTC month')
    .option('--json', 'print JSON')
    .option(...configOption)
    .action(async (name, flags) => (await import('../clients/manage.ts')).changeClient(name, flags))
  command(clients, 'revoke', 'shut a client out, at once', ['switchyard clients revoke bot', ''])
    .argument('<name>', 'as "switchyard clients" shows it')
    .option('--json', 'print JSON')
    .option(...configOption)
    .action(async (name, flags) => (await import('../clients/manage.ts')).revokeClient(name, flags))
}

/** What `list` does; a word that is no command ends up there too, and is told as such. */
function listing<Flags>(list: Command, show: (flags: Flags) => Promise<void>): void {
  list.allowExcessArguments().action(async (flags: Flags) => {
    const [word] = list.args
    const group = list.parent
    if (word !== undefined) group?.error(`error: unknown command '${group.name()} ${word}'`)
    await show(flags)
  })
}
