import { cases } from './cases/index.ts'
import { type CaseName, caseNames, type ClientDialect } from './client-under-test.ts'
import type { Cell, Row } from './matrix.ts'
import { installedIn } from './packages.ts'

const dialectTitles: Readonly<Record<ClientDialect, string>> = {
  chat: 'OpenAI Chat Completions',
  responses: 'OpenAI Responses',
  messages: 'Anthropic Messages',
  ollama: 'Ollama',
}
const dateLine = /^Run on \d{4}-\d{2}-\d{2} with/m

/** docs/reference/clients.md. But for its date it says the same after every run with the same result. */
export function writePage(rows: readonly Row[], controls: number, date: string): string {
  const notes: string[] = []
  const cell = ({ shown, remark }: Cell): string => {
    if (remark === undefined) return shown
    if (!notes.includes(remark)) notes.push(remark)
    return `${shown}<sup>${notes.indexOf(remark) + 1}</sup>`
  }
  const line = (row: Row): string => {
    const shown = caseNames.map((name) => row.cells[name].map(cell).join(' '))
    return `| ${[row.client.name, ...shown].join(' | ')} |`
  }
  const lines = rows.map(line)
  return `# Clients

Real client packages against this gateway, which talks to the simulator: no call left the machine.
Run on ${date} with Node.js 24 or newer by \`npm run test:clients -- --write\`. Without \`--write\` the command compares this page
with what it finds, so that CI fails when the page is no longer true.

Each cell has two results, **first with OpenRouter, then with Ollama Cloud** behind the gateway; columns that only one of
them can serve have one. ✓: passed. –: the client cannot, and the note says why. A number in *spent*: how often the client asked.

| client | ${caseNames.join(' | ')} |
| --- |${' --- |'.repeat(caseNames.length)}
${lines.join('\n')}

${notes.map((note, index) => `${index + 1}. ${note}`).join('\n')}

## What a column proves

| column | what must hold |
| --- | --- |
${caseNames.map((name) => `| ${name} | ${cases[name].meaning} |`).join('\n')}

In every column: only the one service was asked, and afterwards no call is in flight. The run ends with ${controls} controls: the
same cases with one word of the gateway's answers exchanged on the way. Each of them has to fail.

## Packages

| client | package | API |
| --- | --- | --- |
${rows.map(packageLine).join('\n')}

With ${['ai', '@langchain/core', 'zod'].map(packageName).join(', ')}. The pins are in
[\`test/clients/package.json\`](../../test/clients/package.json), which \`npm install\` in a clone leaves alone.
How to set up a client: [guides](../guides/clients.md).
`
}

function packageLine({ client }: Row): string {
  return `| ${client.name} | ${packageName(client.package)} | ${dialectTitles[client.dialect]} |`
}

function packageName(folder: string): string {
  const { name, version } = installedIn(folder) ?? { name: folder, version: 'missing' }
  return `\`${name}\` ${version}`
}

/** Whether two pages differ in more than their date. */
export function samePage(one: string, other: string): boolean {
  return one.replace(dateLine, '') === other.replace(dateLine, '')
}

/** The matrix for a terminal. */
export function writeTable(rows: readonly Row[]): string {
  const head = ['client', ...caseNames]
  const table = rows.map(({ client, cells }) => [
    client.name,
    ...caseNames.map((name: CaseName) => cells[name].map(({ shown }) => shown).join(' ')),
  ])
  const widths = head.map((title, column) =>
    Math.max(title.length, ...table.map((line) => line[column]?.length ?? 0)),
  )
  const write = (line: readonly string[]): string =>
    line.map((text, column) => text.padEnd(widths[column] ?? 0)).join('  ')
  return [head, ...table].map((line) => write(line).trimEnd()).join('\n')
}
