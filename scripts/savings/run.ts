// What free quota saves: plays the scenarios against the simulator, prints the report and writes docs/savings.md.
// Run: node scripts/savings/run.ts [--days 30] [--seed 1] [--only name]   (npm run simulate:savings)
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { playAll } from './crew.ts'
import { report } from './report.ts'
import { scenarios } from './scenarios.ts'

const publishedDays = 30
const publishedSeed = 1

const { values } = parseArgs({
  options: {
    days: { type: 'string', default: String(publishedDays) },
    seed: { type: 'string', default: String(publishedSeed) },
    only: { type: 'string', default: '' },
  },
})
const days = readWhole('--days', values.days, 1)
const seed = readWhole('--seed', values.seed, 0)
const chosen = scenarios.filter(({ name }) => name.includes(values.only))
if (chosen.length === 0) {
  throw new Error(
    `no scenario has "${values.only}" in its name; there are ${scenarios.map(({ name }) => name).join(', ')}`,
  )
}

const total = chosen.reduce((sum, { requestsPerDay }) => sum + days * requestsPerDay, 0)
const begunAt = performance.now()
let played = 0
const results = await playAll(
  chosen.map((scenario) => ({ scenario, days, seed })),
  ({ requestsPerDay }) => {
    played += requestsPerDay
    if (process.stderr.isTTY)
      process.stderr.write(`\r${played} of ${total} requests, ${Math.round(secondsSince(begunAt))} s `)
  },
)
if (process.stderr.isTTY) process.stderr.write('\n')

const text = report(results, { days, seed, node: process.version, date: new Date() })
console.log(text)
// Only the whole run is what the page says it is.
if (chosen.length === scenarios.length && days === publishedDays && seed === publishedSeed) {
  writeFileSync(join(import.meta.dirname, '../../docs/savings.md'), text)
} else {
  console.error('A part of the run, or with other settings: docs/savings.md is left as it is.')
}
console.error(`${total} requests in ${Math.round(secondsSince(begunAt))} s`)

function secondsSince(at: number): number {
  return (performance.now() - at) / 1000
}

function readWhole(name: string, value: string, least: number): number {
  const number = Number(value)
  if (Number.isSafeInteger(number) && number >= least) return number
  throw new Error(`${name} must be a whole number from ${least}; got "${value}"`)
}
