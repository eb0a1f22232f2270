import { load } from '../config/load.ts'
import { mostAttempts, unknownRequest, type Why, whyOf } from '../routing/why.ts'
import { readSqliteStore } from '../stores/sqlite-reader.ts'
import { askGateway } from './gateway-client.ts'
import { printable } from './printable.ts'
import { localGateway, serverSettings } from './settings.ts'
import { renderWhy } from './why-text.ts'

/** `switchyard why ID`: from the running gateway; without one, from its ledger. Throws RequestError for an unknown id. */
export async function showWhy(id: string, flags: { readonly json?: boolean }): Promise<void> {
  const { home, file } = load({ environment: process.env })
  const gateway = localGateway(serverSettings(process.env, file), home)
  const live = await askGateway(`${gateway.url}/admin/why`, gateway.adminKey, { id })
  const why = live === undefined ? readStored(home.ledgerFile, id) : (live as unknown as Why)
  if (why === undefined) throw unknownRequest(id)
  console.log(flags.json === true ? JSON.stringify(why, undefined, 2) : printable(renderWhy(why)))
}

function readStored(path: string, id: string): Why | undefined {
  using store = readSqliteStore(path)
  return store && whyOf(id, store.attempts({ limit: mostAttempts, call: id }).attempts, store.decision(id))
}
