#!/usr/bin/env node
// Plain JavaScript without newer syntax: an old Node must be able to read it, to say that a newer one is needed.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const here = (path) => fileURLToPath(new URL(path, import.meta.url))
const newEnough = Number(process.versions.node.split('.')[0]) >= 24

if (newEnough) {
  // The published package is compiled; a clone runs its sources as they are.
  const main = existsSync(here('../src/cli/main.ts')) ? '../src/cli/main.ts' : '../dist/cli/main.js'
  import(new URL(main, import.meta.url).href).then(({ run }) => run(process.argv))
} else {
  // A clone brings its own Node 24 as a development dependency.
  const own = here(`../node_modules/node/bin/node${process.platform === 'win32' ? '.exe' : ''}`)
  if (existsSync(own)) {
    const child = spawn(own, process.argv.slice(1), { stdio: 'inherit' })
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
    child.on('exit', (code, signal) => process.exit(code === null ? (signal === 'SIGINT' ? 130 : 143) : code))
  } else {
    console.error(
      `switchyard needs Node.js 24 or newer; this is ${process.version}. Get it from https://nodejs.org`,
    )
    process.exitCode = 1
  }
}
