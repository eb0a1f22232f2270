import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join, resolve } from 'node:path'
import { after, test, type TestContext } from 'node:test'
import { Desk } from '../support/cli.ts'

const root = resolve(import.meta.dirname, '../..')
const folder = mkdtempSync(join(tmpdir(), 'switchyard-package-'))
after(() => rmSync(folder, { recursive: true }))

interface Result {
  readonly code: number
  readonly out: string
  readonly err: string
}

function run(file: string, args: readonly string[], cwd: string = folder): Promise<Result> {
  // What an npm script leaves in the environment would point the inner npm at this folder.
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^npm_(config_local_prefix|package|lifecycle)/.test(name),
  )
  const PATH = dirname(process.execPath) + delimiter + (process.env['PATH'] ?? '')
  const env = {
    ...Object.fromEntries(kept),
    PATH,
    HOME: process.env['HOME'] ?? folder,
    SWITCHYARD_HOME: join(folder, 'home'),
  }
  return new Promise((done) => {
    execFile(file, args, { cwd, env, timeout: 120_000 }, (error, out, err) => {
      done({ code: error === null ? 0 : Number(error.code ?? 1), out, err })
    })
  })
}

/** A Node of another age on this machine; undefined when there is none. */
async function olderNode(): Promise<string | undefined> {
  const folders = (process.env['PATH'] ?? '').split(delimiter)
  const places = [...folders.map((each) => join(each, 'node')), process.env['npm_node_execpath'] ?? '']
  for (const place of places.filter((each) => !each.includes('node_modules') && existsSync(each))) {
    const major = Number(/^v(\d+)\./.exec((await run(place, ['--version'])).out)?.[1])
    if (major < 24) return place
  }
  return undefined
}

const offline = /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ERR_SOCKET_TIMEOUT/

/** The tarball, made from a copy: packing builds, and a test leaves no traces in the clone. */
async function pack(): Promise<string> {
  const copy = join(folder, 'clone')
  mkdirSync(copy)
  for (const name of [
    'src',
    'bin',
    'dashboard',
    'scripts',
    'package.json',
    'tsconfig.json',
    'tsconfig.build.json',
    'LICENSE',
    'README.md',
    'CHANGELOG.md',
  ]) {
    if (existsSync(join(root, name))) cpSync(join(root, name), join(copy, name), { recursive: true })
  }
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))
  const packed = await run('npm', ['pack', '--silent', '--pack-destination', folder], copy)
  assert.equal(packed.code, 0, packed.err + packed.out)
  const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz'))
  assert.ok(tarball !== undefined)
  return join(folder, tarball)
}

/** Installed as a user would; false when the registry cannot be reached. */
async function install(context: TestContext, tarball: string, user: string): Promise<boolean> {
  mkdirSync(user)
  writeFileSync(join(user, 'package.json'), '{"name":"user","private":true,"type":"module"}')
  const flags = ['--ignore-scripts', '--omit=dev', '--no-audit', '--no-fund', '--prefer-offline']
  const installed = await run('npm', ['install', ...flags, tarball], user)
  if (installed.code === 0) return true
  assert.match(installed.err, offline)
  context.skip('the package registry cannot be reached')
  return false
}

test('the packed package installs, runs, imports and brings its types', async (context) => {
  const tarball = await pack()
  const { out: list } = await run('tar', ['-tzf', tarball])
  assert.deepEqual(
    list
      .split('\n')
      .filter((name) =>
        /\.test\.|fixtures|contract|^package\/(src|test|bench|docs|scripts|dashboard\/src)/.test(name),
      ),
    [],
  )
  assert.ok(list.includes('package/dashboard/dist/index.html'))
  const user = join(folder, 'user')
  if (!(await install(context, tarball, user))) return

  const { version } = JSON.parse((await run('tar', ['-xzOf', tarball, 'package/package.json'])).out) as {
    version: string
  }
  const bin = join(user, 'node_modules/switchyard/bin/switchyard.js')
  assert.deepEqual(await run(process.execPath, [bin, '--version'], user), {
    code: 0,
    out: `${version}\n`,
    err: '',
  })
  assert.match((await run(process.execPath, [bin, 'keys'], user)).out, /^OpenRouter keys: \d+\n/)

  // A call against the packed simulator through a ledger on disk: what is loaded late is there as well.
  const script = `
    import { createRouter } from 'switchyard'
    import { environmentFor, startSimulator } from 'switchyard/simulator'
    import { startGateway } from 'switchyard/gateway'
    await using simulator = await startSimulator()
    await using router = createRouter({ environment: environmentFor(simulator), home: ${JSON.stringify(join(user, 'home'))} })
    console.log((await router.chat('Hello')).provider, typeof startGateway)`
  const called = await run(process.execPath, ['--input-type=module', '-e', script], user)
  assert.deepEqual(called, { code: 0, out: 'openrouter function\n', err: '' })

  using desk = new Desk({ SWITCHYARD_PORT: '0' })
  await using gateway = desk.start(['start'], bin)
  const [, url = ''] = /listens on (\S+)/.exec(await gateway.until(/listens on \S+/)) ?? []
  const page = await fetch(`${url}/dashboard`)
  assert.deepEqual([page.status, page.headers.get('content-type')], [200, 'text/html; charset=utf-8'])

  writeFileSync(
    join(user, 'typed.ts'),
    `import { createRouter, type ChatResponse, type Router } from 'switchyard'
     const router: Router = createRouter({ store: 'memory' })
     export const answer: Promise<ChatResponse> = router.chat('Hello')
     // @ts-expect-error: a model is a string
     export const wrong = router.chat('Hello', { model: 7 })`,
  )
  const flags = [
    '--noEmit',
    '--strict',
    '--module',
    'nodenext',
    '--target',
    'es2024',
    '--lib',
    'es2024,esnext.disposable',
    '--types',
    'node',
    '--typeRoots',
    join(root, 'node_modules/@types'),
  ]
  const typed = await run(join(root, 'node_modules/.bin/tsc'), [...flags, 'typed.ts'], user)
  assert.equal(typed.code, 0, typed.out)
})

test('an old Node is told in one line what is needed; in a clone it hands over to the Node that came with it', async (context) => {
  const old = await olderNode()
  if (old === undefined) return context.skip('there is no Node older than 24 on this machine')
  const bare = join(folder, 'bare')
  mkdirSync(bare)
  cpSync(join(root, 'bin'), join(bare, 'bin'), { recursive: true })
  writeFileSync(join(bare, 'package.json'), '{"type":"module"}')
  const refused = await run(old, [join(bare, 'bin/switchyard.js'), 'start'])
  assert.equal(refused.code, 1)
  assert.equal(refused.out, '')
  assert.match(
    refused.err,
    /^switchyard needs Node\.js 24 or newer; this is v\d+\.\d+\.\d+\. Get it from https:\/\/nodejs\.org\n$/,
  )

  const handed = await run(old, [join(root, 'bin/switchyard.js'), '--version'])
  assert.deepEqual([handed.code, handed.err], [0, ''])
  assert.match(handed.out, /^\d+\.\d+\.\d+/)
  assert.equal((await run(old, [join(root, 'bin/switchyard.js'), 'statsu'])).code, 2)
})
