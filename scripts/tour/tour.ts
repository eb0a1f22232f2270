import { Stage } from './stage.ts'

/** Noon UTC: far from every window's edge. */
const now = Date.UTC(2026, 10, 23, 12)

/** The page `docs/guides/tour.md`: every command with what it really showed, against the simulator. */
export async function playTour(): Promise<string> {
  await using stage = await Stage.open(now)
  const parts: string[] = [introduction]
  const say = (text: string): void => void parts.push(text)
  const show = async (line: string, options: Parameters<Stage['run']>[1] = {}): Promise<void> => {
    const { text, code } = await stage.run(words(line), options)
    const ended = code === 0 ? '' : `\n$ echo $?\n${code}`
    parts.push(`\`\`\`console\n$ ${stage.tidy(line)}\n${text}${ended}\n\`\`\``)
  }
  const [first = '', second = '', third = ''] = stage.simulator.keys.openrouter
  for (const [name, key] of [
    ['one.txt', first],
    ['two.txt', second],
    ['three.txt', third],
    ['ollama.txt', stage.simulator.keys.ollama[0] ?? ''],
  ] as const)
    stage.write(name, key)

  const ready = /Try it:\n.*\n/
  const serve = async (line: string, options: Parameters<Stage['serve']>[1]): Promise<void> =>
    void parts.push(`\`\`\`console\n$ ${line}\n${await stage.serve(words(line), options)}\n\`\`\``)

  say('## Try')
  say(
    'Without a key `start` serves from a simulator, and says so; `simulate` is that simulator alone, for bots of your own.',
  )
  await serve('switchyard start', { ready, environment: stage.emptyHome() })
  await serve('switchyard simulate --port 0', { ready: /OLLAMA_API_KEY_2=.*\n/ })

  say('## Set up')
  say(
    '`switchyard init` asks on a terminal. Here its flags say everything. Two of the keys belong to one account, and that is found out.',
  )
  await show(
    'switchyard init --yes --openrouter-key-file one.txt --openrouter-key-file two.txt --ollama-key-file ollama.txt --usd-per-month 5',
  )
  await show('switchyard config check')
  say('A further key comes from a pipe, a file, or a hidden question; never from the command line itself.')
  await show('switchyard keys add openrouter --key-file three.txt --name third')
  await show('switchyard clients add bot --free-only')

  say('## Serve')
  await serve('switchyard serve', { ready, keep: true })
  say('The same, to look at in a browser ([guide](dashboard.md)).')
  await show('switchyard dashboard')
  await show('switchyard chat "Why is the sky blue?"')
  await show('switchyard chat -m gemma4:31b', { input: 'And at dusk?' })
  stage.simulator.addFault({
    provider: 'openrouter',
    kind: 'custom',
    status: 401,
    body: '{"error":{"message":"User not found.","code":401}}',
    times: 1,
  })
  say(
    'The next call meets a key that the service refuses; another key answers, and the client sees nothing of it.',
  )
  await show('switchyard chat "Still there?"')

  say('## Look')
  say('`--watch` keeps it up to date until Ctrl-C.')
  await show('switchyard status', { columns: 100 })
  await show('switchyard logs', { columns: 100 })
  say(
    'What became of that last request, by the id that every answer carries (`x-request-id`); and who would get the next one.',
  )
  const id = await stage.failedRequest('3f0c6a52-0000-4000-8000-5d2a9b1c7e11')
  await show(`switchyard why ${id}`)
  await show('switchyard plan')
  await show('switchyard usage', { columns: 100 })
  await show('switchyard usage --by model,key --csv')
  await show('switchyard models --free --needs tools,json', { columns: 100 })
  await show('switchyard reconcile --days 1')

  say('## Mend')
  await show('switchyard doctor')
  await show('switchyard keys test')
  await show('switchyard keys release openrouter-2')
  await show('switchyard keys disable openrouter-2')
  await show('switchyard keys')
  await show('switchyard keys enable openrouter-2')
  await show('switchyard keys client')
  await show('switchyard clients change bot --no-free-only --usd-per-day 0.5')
  await show('switchyard clients')
  await show('switchyard clients revoke bot')
  stage.write(
    'answer.json',
    '{"error":{"message":"Provider returned error","code":429,"metadata":{"raw":"acme/m:free is temporarily rate-limited upstream","provider_name":"Acme"}}}',
  )
  await show('switchyard explain answer.json --status 429')

  say('## Be told')
  say(
    'Messages when something matters go where `notify` in the config file says ([guide](notifications.md)); here to the terminal.',
  )
  stage.write('messages.yaml', 'notify: { targets: [{ type: stderr }] }\n')
  await show('switchyard notify test --config messages.yaml')

  say('## Complete')
  say('Commands, options and key names, in bash, zsh and fish.')
  await show('switchyard completion bash')
  say('Every command has `--help` with examples:')
  await show('switchyard usage --help', { columns: 100 })
  return `${parts.join('\n\n')}\n`
}

const introduction = `# A tour of the command line

What the commands show, one after the other on one machine. This page is written by \`npm run docs:tour\`, which really runs them
against the simulator, seed 1, at noon of 23 November 2026 by a clock that stands still; a test plays it again and compares. Paths,
ports, fresh keys, the version of Node, file sizes and durations are made the same in every run. Options and JSON:
[reference](../reference/cli.md).`

/** As a shell would cut it; double quotes keep spaces. Without the program's name. */
function words(line: string): string[] {
  return [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '').slice(1)
}
