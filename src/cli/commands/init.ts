import { type Command, InvalidArgumentError } from 'commander'
import type { Provider } from '../../providers/provider.ts'
import { command } from './examples.ts'

/** A service that has a flag of its own. */
export type Service = Pick<Provider, 'name' | 'title'>

/** `switchyard init`, with a flag for the keys of each service. */
export function addInitCommand(main: Command, services: readonly Service[]): void {
  const init = command(
    main,
    'init',
    'set up keys, policy and clients, by questions or by flags; checks keys without spending quota',
    ['switchyard init', 'asks; what is there already is kept'],
    ['switchyard init --yes --openrouter-key-file key.txt', 'without questions: free calls only'],
    ['switchyard init --yes --ollama-key-file key.txt --usd-per-month 5', 'paid calls up to a ceiling'],
  ).option('-y, --yes', 'ask nothing; take what the flags say')
  for (const { name, title } of services)
    init.option(`--${name}-key-file <file>`, `file with a key of ${title}; may be repeated`, collect, [])
  init
    .option('--free-only', 'only calls that cost nothing (with --yes the default, unless a ceiling is given)')
    .option('--usd-per-month <dollars>', 'paid calls too, up to this hard ceiling')
    .option('--variables', 'print lines to export instead of naming the keys in the config file')
    .option('--no-check', 'do not ask the services whether they accept the keys')
    .option('--config <file>', 'config file (default: switchyard.yaml in SWITCHYARD_HOME)')
    .action(async (flags) => {
      const keyFiles = Object.fromEntries(
        services.map(({ name }) => [name, init.getOptionValue(`${camelCase(name)}KeyFile`) as string[]]),
      )
      await (await import('../init/init.ts')).init({ ...flags, keyFiles })
    })
}

function collect(value: string, before: readonly string[]): string[] {
  if (value.trim() === '') throw new InvalidArgumentError('a file is needed')
  return [...before, value]
}

/** As commander names an option's value. */
function camelCase(name: string): string {
  return name.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())
}
