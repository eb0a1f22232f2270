import { mostAttempts, unknownRequest, type Why, whyOf } from '../routing/why.ts'
import { readSqliteStore } from '../stores/sqlite-reader.ts'
import { openLocal } from './local.ts'
import { cleaned } from './printable.ts'
import { withProgress } from './terminal/progress.ts'
import { viewOf } from './terminal/view.ts'
import { renderWhy } from './why-text.ts'

/** `switchyard why ID`: from the running gateway; without one, from its ledger. Throws RequestError for an unknown id. */
export async function showWhy(id: string, flags: { readonly json?: boolean }): Promise<void> {
  const local = openLocal()
  const why = await withProgress(
    'Reading the ledger',
    local.ask<Why>('/admin/why', { id }).then((live) => live ?? readStored(local.loaded.home.ledgerFile, id)),
  )
  if (why === undefined) throw unknownRequest(id)
  const clean = cleaned(why)
  console.log(flags.json === true ? JSON.stringify(clean, undefined, 2) : renderWhy(clean, viewOf().paint))
}

function readStored(path: string, id: string): Why | undefined {
  using store = readSqliteStore(path)
  return store && whyOf(id, store.attempts({ limit: mostAttempts, call: id }).attempts, store.decision(id))
}
