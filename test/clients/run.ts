// Runs real client packages against the gateway and compares with, or writes, docs/reference/clients.md.
// Run: npm run test:clients [-- --only NAME] [-- --write]
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { ensurePackages } from './packages.ts'
import { clearVariables, silenceWarnings, watchFetches } from './surroundings.ts'

const page = join(import.meta.dirname, '../../docs/reference/clients.md')
const { values } = parseArgs({ options: { only: { type: 'string' }, write: { type: 'boolean' } } })
const { only, write = false } = values

ensurePackages()
clearVariables()
silenceWarnings()
const foreign = watchFetches()
// Not before the packages are there.
const { clients } = await import('./clients.ts')
const { runControls } = await import('./controls.ts')
const { runMatrix } = await import('./matrix.ts')
const { samePage, writePage, writeTable } = await import('./page.ts')

const chosen = clients.filter(({ name }) => name.toLowerCase().includes(only?.toLowerCase() ?? ''))
if (chosen.length === 0) {
  console.error(`no client is called "${only}"; there are:\n${clients.map(({ name }) => name).join('\n')}`)
  process.exit(2)
}

const rows = await runMatrix(chosen, ({ client, cells }) => {
  const failed = Object.values(cells)
    .flat()
    .filter(({ result }) => result === 'failed')
  console.log(`${client.name}: ${failed.length === 0 ? 'done' : `${failed.length} failed`}`)
})
const controls = await runControls(chosen)

const results = rows.flatMap(({ client, cells }) =>
  Object.entries(cells).flatMap(([name, own]) => own.map((cell) => ({ client, name, ...cell }))),
)
const failures = results
  .filter(({ result }) => result === 'failed')
  .map(({ client, name, side, remark }) => `${client.name}, ${name}${side ? `, ${side}` : ''}: ${remark}`)
failures.push(...controls.wrong, ...[...foreign].map((origin) => `a call left the machine: ${origin}`))

if (only === undefined && failures.length === 0) {
  const text = writePage(rows, controls.run, new Date().toISOString().slice(0, 10))
  if (write) writeFileSync(page, text)
  else if (!existsSync(page) || !samePage(readFileSync(page, 'utf8'), text))
    failures.push('docs/reference/clients.md is not what came out; run: npm run test:clients -- --write')
}

console.log(`\n${writeTable(rows)}\n`)
for (const failure of failures) console.log(`FAIL ${failure}\n`)
const passed =
  results.filter(({ result }) => result === 'passed').length + controls.run - controls.wrong.length
console.log(`${passed} passed, ${failures.length} failed`)
// A case that ran out of time has left its servers open.
process.exit(failures.length === 0 ? 0 : 1)
