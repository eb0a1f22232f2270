import type { Command } from 'commander'
import { command, type Example } from './examples.ts'

/** Commands that run a server until Ctrl-C. */
export function addGatewayCommands(main: Command): void {
  listening(
    main,
    'start',
    'serve with the keys found; without any, against the built-in simulator (SANDBOX)',
    ['switchyard start', 'with your keys; without any, in a sandbox'],
  ).action(async (flags) => (await import('../serve.ts')).start(flags))
  listening(main, 'serve', 'serve the gateway with the configured keys', [
    'switchyard serve --config team.yaml',
    'with the settings of another file',
  ]).action(async (flags) => (await import('../serve.ts')).serve(flags))
  command(
    main,
    'simulate',
    'play OpenRouter and Ollama Cloud on loopback, for tests without keys',
    ['switchyard simulate', 'prints the variables that point a gateway at it'],
    ['switchyard simulate --port 0 --seed 7', 'any free port; the same ids every time'],
  )
    .option('--port <number>', 'port to listen on; 0 takes any free one', '4142')
    .option('--seed <number>', 'makes ids and random choices repeatable')
    .action(async (flags) => (await import('../simulate.ts')).simulate(flags))
}

function listening(main: Command, name: string, what: string, example: Example): Command {
  return command(main, name, what, example, [
    `SWITCHYARD_PORT=5000 switchyard ${name}`,
    'on another port; commands of the same shell find it there',
  ])
    .option('--host <address>', 'address to listen on (SWITCHYARD_HOST, default 127.0.0.1)')
    .option('--port <number>', 'port to listen on (SWITCHYARD_PORT, default 4141)')
    .option('--config <file>', 'config file (default: switchyard.yaml in SWITCHYARD_HOME)')
}
