// Writes docs/reference/faults.md from the tables that the router runs on. `--check` only compares.
// Run: npm run docs:faults
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { faultPolicy } from '../src/providers/fault-policy.ts'
import { statusRules } from '../src/providers/fault-rules.ts'
import { providers } from '../src/providers/index.ts'
import type { FaultRule } from '../src/providers/provider.ts'

const root = join(import.meta.dirname, '..')
const page = join(root, 'docs/reference/faults.md')
const fixtures = providers.map(({ name, title }) => {
  const folder = join(root, 'src/providers', name, 'fixtures/faults')
  return `${readdirSync(folder).filter((file) => file.endsWith('.json')).length} bodies of ${title}`
})

const rests: Readonly<Record<NonNullable<FaultRule['rests']>, string>> = {
  'next-minute': 'next UTC minute',
  'next-day': '00:00 UTC',
  'next-5h': 'next five-hour mark',
  'next-monday': 'Monday 00:00 UTC',
  'next-month': 'first of the month',
  released: 'until released by hand',
  hour: 'one hour',
  short: 'short, doubling',
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|')
}

function conditions(rule: FaultRule): string {
  const parts = [
    rule.status === undefined ? '' : `status ${[rule.status].flat().join(', ')}`,
    rule.source === undefined ? '' : `source \`${rule.source}…\``,
    rule.message === undefined ? '' : `message \`${cell(rule.message.source)}\``,
    rule.mark === undefined ? '' : `mark \`${rule.mark}\``,
  ]
  return parts.filter((part) => part !== '').join('; ') || 'anything else'
}

function table(rules: readonly FaultRule[]): string {
  const rows = rules.map((rule) => {
    const who = rule.scope === 'account' && rule.lane === 'free' ? 'account, free lane' : rule.scope
    return `| ${rule.id} | ${conditions(rule)} | ${rule.kind} | ${who} | ${rests[rule.rests ?? 'short']} |`
  })
  return [
    '| rule | when | kind | who rests | until, if not stated |',
    '| --- | --- | --- | --- | --- |',
    ...rows,
  ].join('\n')
}

function policyTable(): string {
  const rows = Object.entries(faultPolicy).map(
    ([kind, policy]) =>
      `| ${kind} | ${policy.retry ? 'yes' : 'no'} | ${policy.retryCost} | ${policy.baseMs / 1000} s – ${policy.maxMs / 1000} s | \`${policy.code}\` |`,
  )
  return [
    '| kind | try another | costs retry budget | short rest | error code when it is the last word |',
    '| --- | --- | --- | --- | --- |',
    ...rows,
  ].join('\n')
}

const text = `# Faults

What the router makes of a provider's error, generated from its tables by \`npm run docs:faults\` (a test compares them).
The first rule whose conditions all hold decides. A time that the service states (\`Retry-After\`, \`X-RateLimit-Reset\`, or
their copies in the body) is kept in full, up to 31 days; the last column applies when it states none. Every rule is tested
on ${fixtures.join(' and ')}, each a file with its public source in \`src/providers/<name>/fixtures/faults/\`.

## What a kind means

${policyTable()}

${providers.map((provider) => `## ${provider.title}\n\n${table(provider.faultRules)}`).join('\n\n')}

## Any provider, when no rule of its own holds

${table(statusRules)}
`

if (process.argv.includes('--check')) {
  if (readFileSync(page, 'utf8') !== text) {
    console.error('docs/reference/faults.md is not what the tables say; run: npm run docs:faults')
    process.exitCode = 1
  }
} else {
  writeFileSync(page, text)
}
