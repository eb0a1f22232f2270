// The ledger's thread as it would be without sums: attempts are written and never added up.
import { Rollups } from '../src/stores/rollups.ts'

Object.defineProperty(Rollups.prototype, 'due', { get: () => false })
await import('../src/stores/sqlite-worker.ts')
