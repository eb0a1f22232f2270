import { priceVersion } from '../../src/providers/ollama/index.ts'
import { paidModel } from './bill.ts'
import {
  count,
  loadTitles,
  missesTarget,
  percent,
  rangeOf,
  reachedOf,
  savedOf,
  targets,
  usd,
  wastedPer10k,
} from './figures.ts'
import { firstDay, type Result } from './play.ts'
import { isHard, type Load, type Scenario, type Tier, tiers } from './scenarios.ts'

export interface Edition {
  readonly days: number
  readonly seed: number
  readonly node: string
  readonly date: Date
}

const tierTitles: Readonly<Record<Tier, string>> = {
  50: '50 free requests a day (no credits bought)',
  1000: '1,000 free requests a day (10 credits bought once)',
}
const shapeTitles: Readonly<Record<Scenario['shape'], string>> = {
  burst: 'burst',
  spread: 'spread',
  night: 'night batch',
}

/** The whole page. */
export function report(results: readonly Result[], edition: Edition): string {
  const main = results.filter(({ scenario }) => !isHard(scenario))
  const hard = results.filter(({ scenario }) => isHard(scenario))
  const parts = [
    head(edition),
    claim(main),
    ...tiers.map((tier) => table(`## ${tierTitles[tier]}`, ofTier(main, tier))),
    table(`## When keeping count is hard\n\n${hardText}`, hard, (result) => `\`${result.scenario.name}\``),
    verdict(results),
    method(edition),
  ]
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`
}

function ofTier(results: readonly Result[], tier: Tier): readonly Result[] {
  return results.filter(({ scenario }) => scenario.perDay === tier)
}

function head({ days, seed, node, date }: Edition): string {
  const first = new Date(firstDay).toISOString().slice(0, 10)
  return `# What free quota saves

Simulated, not measured on a real bill: ${days} days from ${first} 00:00 UTC on a clock that the program moves, a real
router over real HTTP against the [simulator](guides/simulator.md) with the services' documented limits and prices.
Written by \`npm run simulate:savings\` on ${date.toISOString().slice(0, 10)} (Node ${node}, seed ${seed}), which overwrites this page.

**Saved** compares what the paid lane cost with what the same tokens would have cost had every request gone to Ollama
Cloud's \`${paidModel}\`, the model that \`auto\` takes there.`
}

const claimed = { text: '40–70 %', least: 0.4, most: 0.7 } as const

function claim(main: readonly Result[]): string {
  const cell = (load: Load, accounts: number, tier: Tier): string =>
    rangeOf(
      ofTier(main, tier).filter(({ scenario }) => scenario.load === load && scenario.accounts === accounts),
    )
  const rows = (['light', 'medium', 'heavy'] as const).map((load) => {
    const cells = tiers.flatMap((tier) => [cell(load, 1, tier), cell(load, 3, tier)])
    return `| ${loadTitles[load]} | ${claimed.text} | ${cells.join(' | ')} |`
  })
  const below = main.filter((result) => savedOf(result) < claimed.least).length
  const above = main.filter((result) => savedOf(result) > claimed.most).length
  return `## Beside the original's claim

The original promised "40–70 % saved" for light (500 requests a day), medium (2,000) and heavy (3,000 and more) use. Where
arrival makes a difference both ends are given.

| requests a day | claimed | 1 account, 50/day | 3 accounts, 50/day | 1 account, 1,000/day | 3 accounts, 1,000/day |
| --- | --- | --- | --- | --- | --- |
${rows.join('\n')}

Of these ${main.length} scenarios ${below} save less than was claimed, ${main.length - below - above} as much and ${above} more.

With calls of one size the saving is, at best, free requests ÷ requests: accounts × daily limit ÷ load. The claim's range is
what that fraction happens to be for some loads; it is no property of a router. Accounts here are those of different
people or organisations: OpenRouter's terms forbid one person holding several.`
}

const columns = [
  'free quota',
  'reachable',
  'used',
  'of quota',
  'of reachable',
  'wasted per 10,000',
  'refused',
  'unanswered',
  'spent',
  'all paid',
  'saved',
]

function table(heading: string, results: readonly Result[], title?: (result: Result) => string): string {
  if (results.length === 0) return ''
  const first = title === undefined ? ['requests a day', 'accounts', 'arrival'] : ['scenario']
  const header = [...first, ...columns]
  const rows = results.map((result) => {
    const { scenario } = result
    const named =
      title === undefined
        ? [loadTitles[scenario.load], String(scenario.accounts), shapeTitles[scenario.shape]]
        : [title(result)]
    return `| ${[...named, ...cellsOf(result)].join(' | ')} |`
  })
  return `${heading}\n\n| ${header.join(' | ')} |\n|${' --- |'.repeat(header.length)}\n${rows.join('\n')}`
}

function cellsOf(result: Result): readonly string[] {
  const { quota, reachable, freeCalls, refused, failed, spentUsd, allPaidUsd } = result
  return [
    count(quota),
    count(reachable),
    count(freeCalls),
    `${percent(freeCalls / quota, 2)} %`,
    `${percent(reachedOf(result), 2)} %`,
    wastedPer10k(result).toFixed(2),
    count(refused),
    count(failed),
    usd(spentUsd),
    usd(allPaidUsd),
    `${percent(savedOf(result), 1)} %`,
  ]
}

const hardText = `Names say daily limit, load, accounts, arrival, and what is hard: \`parallel\`: always 8 requests at the same moment;
\`restarts\`: once a day, at a random moment of the hours in which requests come, the router stops and starts again on its
ledger file; \`shared\`: another program makes 10 free calls a day on every key before the burst, of which the router is told
nothing.`

function verdict(results: readonly Result[]): string {
  const missed = results.filter(missesTarget)
  const wanted = `at least ${targets.reached * 100} % of the reachable free requests used, and less than ${targets.wastedPer10k} call in 10,000 wasted`
  const sum = (pick: (result: Result) => number): string =>
    count(results.reduce((total, result) => total + pick(result), 0))
  const lines = missed.map(
    (result) =>
      `- \`${result.scenario.name}\`: ${percent(reachedOf(result), 2)} % of the reachable, ${wastedPer10k(result).toFixed(2)} wasted per 10,000.`,
  )
  const outcome = missed.length === 0 ? 'Met by every scenario.' : `Missed by:\n\n${lines.join('\n')}`
  const nearly = results.some((result) => !missesTarget(result) && reachedOf(result) < 1)
  return `## Targets

Wanted: ${wanted}. ${outcome}${nearly ? `\n\n${edge}` : ''}

All scenarios together: ${sum((r) => r.requests)} requests, ${sum((r) => r.wasted)} wasted calls, ${sum((r) => r.refused)} refused calls, ${sum((r) => r.failed)} requests without an answer.
${refusals}`
}

const edge = `Where a few calls are missing from 100 %: one that leaves in the last second before midnight UTC may arrive after it by the
service's clock, so the router counts it on both days (\`src/limits/counter.ts\`). Better one free call too few than one refused.`

const refusals = `Refused calls come only from the shared accounts: what the other program took is learned from the first refusal of the day, one
for each account that is spent to its end, and not asked again before midnight UTC.`

function method({ days }: Edition): string {
  return `## How it is counted

- **Arrival**: *burst*: all within 09:00–10:00 UTC; *spread*: over 24 hours; *night batch*: 22:00–06:00 UTC, across midnight.
  Gaps are fixed; each day begins at a random part of a gap. Requests come one after the other, except where it says parallel.
- **Size**: a request has about 600 tokens, an answer about 200, at four characters a token.
- **Free quota**: accounts × daily limit × ${days} days. **Reachable**: the part that 20 requests a minute and account let through
  for that arrival, if each request went to the best account with hindsight; on shared accounts less what the others took.
- **Used**, **wasted**, **refused**: as the simulator counted on its side of the wire. A *wasted* call came on an account that
  had already been told it is spent. **Unanswered**: the client got an error.
- **Spent**: list prices of ${priceVersion}, pay as you go, two accounts; the router's sum and the simulator's must agree or the
  run stops. A subscription's included credit, fees, and the price of the 10 credits are left out.
- **Not played**: free models that are overloaded upstream, longer answers of another model for the same question, and
  the difference in quality: all of them make the real saving smaller or harder to compare. Nor do the readings of
  \`GET /key\` that a router makes while it runs, only those at its start: they would lower the number of refused calls.
- One scenario: \`node scripts/savings/run.ts --only 50-light-1\` (part of a name); \`--days\` and \`--seed\` change the run. Only
  the whole run writes this page.`
}
