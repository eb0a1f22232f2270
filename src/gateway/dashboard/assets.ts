import { type Dirent, existsSync, readdirSync, readFileSync } from 'node:fs'
import { extname, join, relative, sep } from 'node:path'
import { gzipSync } from 'node:zlib'

/** A file of the built dashboard. */
export interface Asset {
  readonly contentType: string
  readonly bytes: Buffer
  readonly gzip: Buffer
  /** Its name holds a hash of its content, so that it never changes. */
  readonly immutable: boolean
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
}

/** Every file of the folder by its path with `/`; undefined when it was not built. */
export function readAssets(folder: string): ReadonlyMap<string, Asset> | undefined {
  if (!existsSync(join(folder, 'index.html'))) return undefined
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  )
  return new Map(files.map((entry) => asset(folder, entry)))
}

function asset(folder: string, entry: Dirent): [string, Asset] {
  const file = join(entry.parentPath, entry.name)
  const path = relative(folder, file).split(sep).join('/')
  const bytes = readFileSync(file)
  return [
    path,
    {
      contentType: types[extname(entry.name)] ?? 'application/octet-stream',
      bytes,
      gzip: gzipSync(bytes),
      immutable: path.startsWith('assets/'),
    },
  ]
}
