import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** A package as it lies in `node_modules`; behind an alias its name is not that of its folder. */
export interface Installed {
  readonly name: string
  readonly version: string
}

interface Manifest extends Installed {
  readonly dependencies: Readonly<Record<string, string>>
}

const here = import.meta.dirname

function readManifest(path: string): Manifest {
  return JSON.parse(readFileSync(join(here, path, 'package.json'), 'utf8')) as Manifest
}

/** The package in a folder of `node_modules`, undefined when there is none. */
export function installedIn(folder: string): Installed | undefined {
  const path = `node_modules/${folder}`
  return existsSync(join(here, path, 'package.json')) ? readManifest(path) : undefined
}

/** Folders whose package is missing or has another version than the pinned one. */
function wrongFolders(): readonly string[] {
  return Object.entries(readManifest('.').dependencies)
    .filter(([folder, pin]) => installedIn(folder)?.version !== pin.replace(/^npm:.*@/, ''))
    .map(([folder]) => folder)
}

/** Installs the pinned packages if something is missing. They are no dependency of the project, so `npm install` leaves them out. */
export function ensurePackages(): void {
  const missing = wrongFolders()
  if (missing.length === 0) return
  console.log(`${missing.length} client packages are not there as pinned, ${missing[0]} among them.`)
  console.log('Installing into test/clients/node_modules (about 210 MB) with npm ci …')
  const { status } = spawnSync(
    'npm',
    ['ci', '--prefix', here, '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'],
    { stdio: 'inherit', shell: process.platform === 'win32' },
  )
  const left = status === 0 ? wrongFolders() : missing
  if (left.length > 0)
    throw new Error(`the client packages could not be installed: ${left.join(', ')}; npm said why above`)
}
