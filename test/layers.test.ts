import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { test } from 'node:test'

// Imports go one way only, down this list. A folder may import those named beside it, and itself.
const base = ['errors', 'clock', 'secret']
const layers: Readonly<Record<string, readonly string[]>> = {
  errors: [],
  clock: [],
  secret: [],
  chat: [...base],
  wire: [...base, 'chat'],
  dialects: [...base, 'chat', 'wire'],
  relay: [...base, 'chat', 'wire', 'dialects'],
  providers: [...base, 'chat'],
  ledger: [...base, 'chat', 'providers'],
  limits: [...base, 'chat', 'providers', 'ledger'],
  stores: [...base, 'chat', 'ledger'],
  routing: [...base, 'chat', 'wire', 'dialects', 'relay', 'providers', 'ledger', 'limits'],
  notify: [...base, 'wire', 'ledger', 'limits', 'routing'],
  config: [...base, 'chat', 'providers', 'ledger', 'routing', 'notify', 'stores'],
  library: [...base, 'chat', 'dialects', 'relay', 'providers', 'routing', 'config', 'stores'],
  gateway: [...base, 'chat', 'dialects', 'relay', 'ledger', 'routing'],
  metrics: [...base, 'routing'],
  traces: [...base, 'routing'],
  simulator: ['clock'],
  index: [...base, 'chat', 'routing', 'library'],
  cli: [
    ...base,
    'chat',
    'wire',
    'dialects',
    'providers',
    'ledger',
    'limits',
    'routing',
    'notify',
    'config',
    'library',
    'gateway',
    'metrics',
    'traces',
    'stores',
    'simulator',
  ],
}
// What the dashboard runs of the gateway's code: sentences and sums that command line and page must share. Types are free.
const dashboardRuns = ['ledger/price.ts', 'routing/decision-words.ts', 'routing/usage-csv.ts']
// Code that runs in all of a folder's siblings knows no service by name; these places may.
const mayNameProviders = /^(providers|simulator)\//
const providerNames = /['"`](openrouter|ollama-cloud)['"`]/
// The only files that may open a connection or a server.
const mayConnect =
  /^(wire\/transport|gateway\/gateway|cli\/gateway-client|notify\/targets\/smtp|simulator\/.*)\.ts$/
const connects = /(?:from |import\()['"](undici|nodemailer|node:https?|node:net|node:tls)['"]|\bfetch\(/

interface Source {
  readonly path: string
  readonly text: string
}

const root = resolve(import.meta.dirname, '../src')
const sources: readonly Source[] = globSync('**/*.ts', { cwd: root })
  .filter((path) => !path.endsWith('.test.ts') && !path.includes('fixtures/') && !path.includes('contract'))
  .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }))

const pagesRoot = resolve(root, '../dashboard/src')
const pages: readonly Source[] = globSync('**/*.{ts,tsx}', { cwd: pagesRoot }).map((path) => ({
  path,
  text: readFileSync(join(pagesRoot, path), 'utf8'),
}))

function layerOf(path: string): string {
  return path.split('/')[0]?.replace(/\.ts$/, '') ?? ''
}

function importsOf({ path, text }: Source): string[] {
  const found = [...text.matchAll(/(?:from|import)\s*\(?\s*['"](\.{1,2}\/[^'"]+)['"]/g)].map(
    (match) => match[1] ?? '',
  )
  return found.map((target) => relative(root, resolve(root, dirname(path), target)))
}

/** Every arrow that points up, or at a layer that nobody declared. */
function wrongArrows(files: readonly Source[]): string[] {
  return files.flatMap((source) => {
    const layer = layerOf(source.path)
    const allowed = layers[layer]
    if (allowed === undefined) return [`${source.path} is in no known layer`]
    return importsOf(source)
      .filter((target) => layerOf(target) !== layer && !allowed.includes(layerOf(target)))
      .map((target) => `${source.path} -> ${target}`)
  })
}

/** Files that import each other in a loop, one way round each; types count, since a reader follows them too. */
function circles(files: readonly Source[]): string[] {
  const imports = new Map(files.map((source) => [source.path, importsOf(source)]))
  const found: string[] = []
  const done = new Set<string>()
  const visit = (path: string, way: readonly string[]): void => {
    const from = way.indexOf(path)
    if (from >= 0) found.push([...way.slice(from), path].join(' -> '))
    if (from >= 0 || done.has(path)) return
    for (const target of imports.get(path) ?? []) visit(target, [...way, path])
    done.add(path)
  }
  for (const { path } of files) visit(path, [])
  return found
}

/** Files of one provider that reach into another one's folder. */
function crossings(files: readonly Source[]): string[] {
  return files.flatMap((source) => {
    const own = /^providers\/([^/]+)\//.exec(source.path)?.[1]
    if (own === undefined) return []
    return importsOf(source)
      .filter((target) => /^providers\/[^/]+\//.test(target) && !target.startsWith(`providers/${own}/`))
      .map((target) => `${source.path} -> ${target}`)
  })
}

/** What pages run of the gateway's code beside what they may. */
function runs(files: readonly Source[]): string[] {
  return files.flatMap(({ path, text }) =>
    [...withoutTypeImports(text).matchAll(/from '(?:\.\.\/)+src\/([^']+)'/g)]
      .map((match) => match[1] ?? '')
      .filter((target) => !dashboardRuns.includes(target))
      .map((target) => `${path} -> ${target}`),
  )
}

/** Places where text could become markup. */
function markup(files: readonly Source[]): string[] {
  return files
    .filter(({ text }) => /\.(?:inner|outer)HTML|dangerouslySetInnerHTML|insertAdjacentHTML/.test(text))
    .map(({ path }) => path)
}

function naming(files: readonly Source[]): string[] {
  return files
    .filter(({ path, text }) => !mayNameProviders.test(path) && providerNames.test(text))
    .map(({ path }) => path)
}

function connecting(files: readonly Source[]): string[] {
  return files
    .filter(({ path, text }) => !mayConnect.test(path) && connects.test(withoutTypeImports(text)))
    .map(({ path }) => path)
}

function withoutTypeImports(text: string): string {
  return text.replaceAll(/(?:import|export) type \{[^}]*\} from [^\n]*|import type [^\n]*/g, '')
}

function long(files: readonly Source[]): string[] {
  return files.filter(({ text }) => text.split('\n').length > 301).map(({ path }) => path)
}

test('imports point down the layers only', () => assert.deepEqual(wrongArrows(sources), []))
test('no files import each other in a loop', () =>
  assert.deepEqual([...circles(sources), ...circles(pages)], []))
test('no provider imports another one', () => assert.deepEqual(crossings(sources), []))
test('providers are named only in their own folders and in the simulator', () =>
  assert.deepEqual(naming(sources), []))
test('connections are opened in one place per direction', () => assert.deepEqual(connecting(sources), []))
test('no source file passes 300 lines', () => assert.deepEqual(long([...sources, ...pages]), []))

test('the dashboard runs nothing of the gateway but what is listed, and makes no markup of text', () => {
  assert.ok(pages.length > 50)
  assert.deepEqual(runs(pages), [])
  assert.deepEqual(markup(pages), [])
})
test('the guards bite: files that break each rule are found', () => {
  const up = { path: 'chat/bad.ts', text: "import { plan } from '../routing/plan.ts'" }
  assert.deepEqual(wrongArrows([up]), ['chat/bad.ts -> routing/plan.ts'])
  assert.deepEqual(wrongArrows([{ path: 'utils/a.ts', text: '' }]), ['utils/a.ts is in no known layer'])
  const loop = ['a', 'b', 'c'].map((name, index) => ({
    path: `chat/${name}.ts`,
    text: `import type { x } from './${['b', 'c', 'b'][index]}.ts'`,
  }))
  assert.deepEqual(circles(loop), ['chat/b.ts -> chat/c.ts -> chat/b.ts'])
  const across = { path: 'providers/openrouter/bad.ts', text: "import { x } from '../ollama/index.ts'" }
  assert.deepEqual(crossings([across]), ['providers/openrouter/bad.ts -> providers/ollama/index.ts'])
  assert.deepEqual(naming([{ path: 'routing/bad.ts', text: "if (name === 'openrouter') return" }]), [
    'routing/bad.ts',
  ])
  assert.deepEqual(connecting([{ path: 'routing/bad.ts', text: "import { Pool } from 'undici'" }]), [
    'routing/bad.ts',
  ])
  assert.deepEqual(
    connecting([{ path: 'gateway/a.ts', text: "import type { Server } from 'node:http'" }]),
    [],
  )
  const page = { path: 'a.tsx', text: "import { load } from '../../../src/config/load.ts'" }
  assert.deepEqual(runs([page]), ['a.tsx -> config/load.ts'])
  assert.deepEqual(markup([{ path: 'a.tsx', text: 'box.innerHTML = text' }]), ['a.tsx'])
  assert.deepEqual(long([{ path: 'a.ts', text: '\n'.repeat(301) }]), ['a.ts'])
})
