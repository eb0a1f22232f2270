import { Command } from 'commander'
import { isRouterError } from '../errors.ts'
import { readVersion } from './version.ts'

/** Exit codes: 0 done, 1 refused or failed, 2 wrong usage. */
export async function run(argv: readonly string[]): Promise<void> {
  // `switchyard keys | head -1`: who reads our output may stop early.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))
  try {
    await program().parseAsync([...argv])
  } catch (error) {
    // What we foresaw is told in its own words; anything else is a bug and keeps its stack.
    console.error(isRouterError(error) ? `switchyard: ${error.message}` : error)
    process.exitCode = 1
  }
}

const afterwords = `
Log (serve, start): JSON lines on stderr. SWITCHYARD_LOG=warn or info shows warnings, silent nothing.

Examples:
  switchyard start                        with your keys; without any, in a sandbox
  switchyard chat "Why is the sky blue?"  one question, free quota first
  switchyard status                       what is used, what is left, which keys rest`

// Commands load what they need when they run: `--help` must not wait for a database driver.
function program(): Command {
  const main = new Command('switchyard')
    .description(
      'Pools LLM API keys, spends free quota first, falls over to cheap paid capacity, never wastes a call on a spent key.',
    )
    .version(readVersion())
    .showSuggestionAfterError()
    .showHelpAfterError('(switchyard --help lists the commands)')
    .addHelpText('after', afterwords)
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))

  main
    .command('start')
    .description('serve with the keys found; without any, against the built-in simulator (SANDBOX)')
    .option('--host <address>', 'address to listen on (SWITCHYARD_HOST, default 127.0.0.1)')
    .option('--port <number>', 'port to listen on (SWITCHYARD_PORT, default 4141)')
    .option('--config <file>', 'config file (default: switchyard.yaml in SWITCHYARD_HOME)')
    .action(async (flags) => (await import('./serve.ts')).start(flags))
  main
    .command('serve')
    .description('serve the gateway with the configured keys')
    .option('--host <address>', 'address to listen on (SWITCHYARD_HOST, default 127.0.0.1)')
    .option('--port <number>', 'port to listen on (SWITCHYARD_PORT, default 4141)')
    .option('--config <file>', 'config file (default: switchyard.yaml in SWITCHYARD_HOME)')
    .action(async (flags) => (await import('./serve.ts')).serve(flags))
  main
    .command('simulate')
    .description('play OpenRouter and Ollama Cloud on loopback, for tests without keys')
    .option('--port <number>', 'port to listen on; 0 takes any free one', '4142')
    .option('--seed <number>', 'makes ids and random choices repeatable')
    .action(async (flags) => (await import('./simulate.ts')).simulate(flags))
  main
    .command('chat')
    .description('ask a question, or talk; through the running gateway if there is one')
    .argument('[question...]', 'left out: a conversation, or the question from a pipe')
    .option('-m, --model <name>', 'auto, vendor/model, or a bare name', 'auto')
    .option('-p, --provider <name>', 'provider to prefer')
    .action(async (words, flags) => (await import('./chat.ts')).chat(words, flags))
  main
    .command('status')
    .description('providers, accounts, keys, windows and cooldowns')
    .option('--json', 'print JSON')
    .option('-w, --watch', 'show it again and again, until Ctrl-C')
    .option('--interval <seconds>', 'how often with --watch', '2')
    .action(async (flags) => (await import('./status/show.ts')).showStatus(flags))

  main
    .command('reconcile')
    .description("what the services counted of each UTC day beside this router's ledger")
    .option('--days <number>', 'how many days, today included', '7')
    .option('--json', 'print JSON')
    .action(async (flags) => (await import('./reconcile.ts')).reconcile(flags))

  main
    .command('explain')
    .description(
      "what the router makes of a provider's error: a body, or a whole answer as curl -i prints it",
    )
    .argument('<file>', 'file with the error; - reads it from a pipe')
    .option('-p, --provider <name>', 'whose error it is; guessed when left out')
    .option('--status <code>', 'HTTP status, if the file does not hold it')
    .option('--header <line>', 'a header of the answer, "name: value"; may be repeated', collect, [])
    .option('--json', 'print JSON')
    .action(async (file, flags) => (await import('./explain.ts')).explain(file, flags))

  const keys = main.command('keys').description('keys in use: names, masked, never whole')
  keys
    .command('list', { isDefault: true })
    .description('list the configured keys')
    .option('--json', 'print JSON')
    .allowExcessArguments()
    .action(async (flags, command: Command) => {
      const [word] = command.args
      if (word !== undefined) keys.error(`error: unknown command 'keys ${word}'`)
      ;(await import('./keys.ts')).listKeys(flags)
    })
  keys
    .command('client')
    .description("where the gateway's client key is")
    .option('--show', 'print the key itself')
    .action(async (flags) => (await import('./keys.ts')).clientKey(flags))
  keys
    .command('release')
    .description('end the cooldowns of a key')
    .argument('<name>', 'name of the key, as "switchyard keys" shows it')
    .action(async (name) => (await import('./keys.ts')).releaseKey(name))
  return main
}

function collect(value: string, before: readonly string[]): string[] {
  return [...before, value]
}
