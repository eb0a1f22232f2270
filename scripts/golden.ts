import { spawnSync } from 'node:child_process'

// Runs the golden tests so that they write their files instead of comparing with them.
const { status } = spawnSync(process.execPath, ['--test', 'test/golden/*.test.ts'], {
  stdio: 'inherit',
  env: { ...process.env, GOLDEN: 'write' },
})
process.exitCode = status ?? 1
