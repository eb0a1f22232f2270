import type { Command } from 'commander'
import { command } from './examples.ts'

/** Commands that tell who would get a request, and what became of one. */
export function addDecisionCommands(main: Command): void {
  command(
    main,
    'plan',
    'who would get a request now, and why not the others; nothing is called',
    ['switchyard plan', 'who gets the next call of "auto"'],
    ['switchyard plan gpt-oss:120b -c bot', 'a model, under the ceilings of client bot'],
    ['switchyard plan --needs tools,images --input-tokens 20000', 'a large request that needs both'],
  )
    .argument('[model]', 'as a client would name it', 'auto')
    .option('-c, --client <name>', 'whose ceilings and reserve count', 'default')
    .option('-p, --provider <name>', 'as x-switchyard-provider on a request')
    .option('--needs <list>', 'what the request needs: tools, images, json, think')
    .option('--embeddings', 'a request for vectors; default: as the model is listed')
    .option('--input-tokens <number>', 'rough size of the request', '1000')
    .option('--json', 'print JSON')
    .action(async (model, flags) => (await import('../plan.ts')).showPlan(model, flags))
  command(
    main,
    'why',
    'what became of a request, and what stood in its way',
    ['curl -i ... | grep x-request-id', 'where an id comes from'],
    ['switchyard why 3f0c6a52-0000-4000-8000-5d2a9b1c7e11', 'the story of that request'],
  )
    .argument('<id>', 'the x-request-id of its answer')
    .option('--json', 'print JSON')
    .action(async (id, flags) => (await import('../why.ts')).showWhy(id, flags))
}
