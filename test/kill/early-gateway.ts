// The negative control: a gateway whose ledger says "on disk" at once and writes a little later.
import { systemClock } from '../../src/clock.ts'
import { createLog } from '../../src/cli/log.ts'
import { load, routerSettings } from '../../src/config/load.ts'
import { startGateway } from '../../src/gateway/index.ts'
import type { LedgerStore } from '../../src/ledger/ledger.ts'
import { createCore } from '../../src/routing/core.ts'
import { openSqliteStore } from '../../src/stores/sqlite.ts'
import { clientKey } from './gateway-process.ts'

const lateMs = 100

function early(store: LedgerStore): LedgerStore {
  return {
    opening: store.opening,
    get state() {
      return store.state
    },
    open: (attempt) => store.open(attempt),
    settle: async (result) => {
      setTimeout(() => void store.settle(result), lateMs)
    },
    hold: (hold) => store.hold(hold),
    release: (name) => store.release(name),
    identify: (owner) => store.identify(owner),
    compare: (comparison) => store.compare(comparison),
    decide: (decision) => store.decide(decision),
    flush: () => store.flush(),
    counts: (since, until) => store.counts(since, until),
    totals: (since, until) => store.totals(since, until),
    usage: (query) => store.usage(query),
    comparisons: (since) => store.comparisons(since),
    decision: (call) => store.decision(call),
    attempts: (filter) => store.attempts(filter),
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  }
}

const loaded = load({ environment: process.env })
const log = createLog('warn')
const openStore = async (): Promise<LedgerStore> =>
  early(await openSqliteStore({ path: loaded.home.ledgerFile, now: Date.now() }))
const core = createCore(routerSettings(loaded, { log, openStore }))
await core.ready
const gateway = await startGateway({
  core,
  clientKey,
  adminKey: `admin-${clientKey}`,
  port: 0,
  clock: systemClock,
  log,
})
console.log(`Switchyard listens on ${gateway.url}`)
