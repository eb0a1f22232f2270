import { type Command, Option } from 'commander'
import { command } from './examples.ts'

/** Commands that ask, tell or explain, and change nothing. */
export function addLookCommands(main: Command): void {
  command(
    main,
    'chat',
    'ask a question, or talk; through the running gateway if there is one',
    ['switchyard chat "Why is the sky blue?"', 'one answer, free quota first'],
    ['git diff | switchyard chat', 'the question from a pipe'],
    ['switchyard chat -m gemma4:31b', 'a conversation with one model; /model changes it, /help tells more'],
  )
    .argument('[question...]', 'left out: a conversation, or the question from a pipe')
    .option('-m, --model <name>', 'auto, vendor/model, or a bare name', 'auto')
    .option('-p, --provider <name>', 'provider to prefer')
    .action(async (words, flags) => (await import('../chat/chat.ts')).chat(words, flags))
  command(
    main,
    'status',
    'providers, accounts, keys, windows, cooldowns, spend and how long it will last',
    ['switchyard status', 'once'],
    ['switchyard status --watch', 'kept up to date, until Ctrl-C'],
    ["switchyard status --json | jq '.providers[].health'", 'for programs'],
  )
    .option('--json', 'print JSON')
    .option('-w, --watch', 'show it again and again, until Ctrl-C')
    .option('--interval <seconds>', 'how often with --watch', '2')
    .action(async (flags) => (await import('../status/show.ts')).showStatus(flags))
  command(
    main,
    'dashboard',
    'where the dashboard is, and the admin key that opens it',
    ['switchyard dashboard', 'its address, and where the key is'],
    ['switchyard dashboard --show', 'the key itself, to log in with'],
  )
    .option('--show', 'print the admin key itself')
    .option('--config <file>', 'config file (default: switchyard.yaml in SWITCHYARD_HOME)')
    .action(async (flags) => (await import('../dashboard.ts')).showDashboard(flags))
  command(
    main,
    'models',
    'what can be called now: price, context, capabilities, who serves it',
    ['switchyard models --free --needs tools', 'free models that take tools'],
    ['switchyard models gpt-oss --provider ollama', 'by name and provider'],
  )
    .argument('[words...]', 'only models whose name holds all of these')
    .option('--free', 'only what costs nothing')
    .option('-p, --provider <name>', 'only of this provider')
    .option('--needs <list>', 'only what can do all of: tools, images, json, think')
    .option('--json', 'print JSON')
    .action(async (words, flags) => (await import('../models/models.ts')).showModels(words, flags))
  command(
    main,
    'usage',
    'calls, tokens, cost and the value of free calls, from the ledger',
    ['switchyard usage', 'the last 7 days, a line per day'],
    ['switchyard usage --by model,client --since month', 'who used what this month'],
    ['switchyard usage --by hour --csv > today.csv', 'today, for a spreadsheet'],
  )
    .option('--by <groups>', 'day, hour, model, key, client, provider; several with commas', 'day')
    .option('--since <when>', 'today, month, 7d, 12h or a date (default: 7d; today when by hour); UTC')
    .option('--until <when>', 'end of the range, not included (default: now)')
    .option('--reference <model>', 'whose price tells what free calls are worth (default: what auto costs)')
    .option('--json', 'print JSON')
    .addOption(new Option('--csv', 'print CSV').conflicts('json'))
    .action(async (flags) => (await import('../usage/usage.ts')).showUsage(flags))
  command(
    main,
    'logs',
    'the newest calls to providers, from the ledger; the newest last',
    ['switchyard logs -f', 'the last 20, then every new one until Ctrl-C'],
    ['switchyard logs --failed -n 50', 'what went wrong lately'],
    ['switchyard logs --request ID', 'all attempts of one request'],
  )
    .option('-n, --lines <number>', 'how many', '20')
    .option('-f, --follow', 'go on with new ones, until Ctrl-C')
    .option('--failed', 'only those that did not end well')
    .option('--request <id>', 'only of this request (x-request-id)')
    .option('--key <name>', 'only by this key')
    .option('--client <name>', 'only for this client')
    .option('-p, --provider <name>', 'only to this provider')
    .option('--json', 'print one JSON object a line')
    .action(async (flags) => (await import('../logs/logs.ts')).showLogs(flags))
  command(
    main,
    'doctor',
    'what is wrong or risky here, and what to do about it; spends no quota',
    ['switchyard doctor', 'settings, keys, accounts, clock, ledger, files'],
    ['switchyard doctor --offline', 'without asking any service'],
  )
    .option('--offline', 'ask no service')
    .option('--config <file>', 'config file (default: switchyard.yaml in SWITCHYARD_HOME)')
    .option('--json', 'print JSON')
    .action(async (flags) => (await import('../doctor/doctor.ts')).doctor(flags))
  command(main, 'reconcile', "what the services counted of each UTC day beside this router's ledger", [
    'switchyard reconcile --days 30',
    'where the two differ',
  ])
    .option('--days <number>', 'how many days, today included', '7')
    .option('--json', 'print JSON')
    .action(async (flags) => (await import('../reconcile.ts')).reconcile(flags))
  command(
    main,
    'explain',
    "what the router makes of a provider's error: a body, or a whole answer as curl -i prints it",
    ['switchyard explain answer.txt', 'a saved answer'],
    ['pbpaste | switchyard explain - --status 429', 'from the clipboard'],
  )
    .argument('<file>', 'file with the error; - reads it from a pipe')
    .option('-p, --provider <name>', 'whose error it is; guessed when left out')
    .option('--status <code>', 'HTTP status, if the file does not hold it')
    .option('--header <line>', 'a header of the answer, "name: value"; may be repeated', collect, [])
    .option('--json', 'print JSON')
    .action(async (file, flags) => (await import('../explain.ts')).explain(file, flags))
}

function collect(value: string, before: readonly string[]): string[] {
  return [...before, value]
}
