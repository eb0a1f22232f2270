// Run by `npm install` in a clone. Plain JavaScript: it may run where nothing but the runtime dependencies is installed.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const vite = `${root}node_modules/vite/bin/vite.js`

if (!existsSync(vite)) {
  console.log(
    'The dashboard is not built: that needs the development packages (npm install without --omit=dev).',
  )
} else if (
  spawnSync(process.execPath, [vite, 'build', 'dashboard', '--logLevel', 'warn'], {
    cwd: root,
    stdio: 'inherit',
  }).status !== 0
) {
  // Everything else works without it, and /dashboard says the same.
  console.error('The dashboard could not be built; see above. Try again with: npm run build:dashboard')
}
