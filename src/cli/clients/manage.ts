import { checkName } from '../../config/secret-file.ts'
import { dollars } from '../../ledger/price.ts'
import type { BookedClient, ClientChange } from '../../routing/policy.ts'
import { withProgress } from '../terminal/progress.ts'
import { typed, WrongUsage } from '../wrong-usage.ts'
import { type Book, openBook } from './book.ts'

export interface ClientFlags {
  /** Left out: as it is. */
  readonly freeOnly?: boolean
  /** Dollars, or `none`. */
  readonly usdPerDay?: string
  readonly usdPerMonth?: string
  readonly show?: boolean
  readonly json?: boolean
  readonly config?: string
}

/** `switchyard clients add NAME`: a fresh key in a file of its own (mode 600), and an entry in the config file. */
export async function addClient(name: string, flags: ClientFlags): Promise<void> {
  typed(() => checkName(name, 'client'))
  const terms = termsOf(flags)
  const book = await openBook(flags)
  const { key, keyFile } = await withProgress('Adding', book.add(name, terms))
  const { configFile, running } = book
  if (flags.json === true) {
    const shown = flags.show === true ? { key } : {}
    console.log(JSON.stringify({ name, configFile, keyFile, inForce: running, ...shown }, undefined, 2))
    return
  }
  console.log(`${name} is in ${configFile}; its key is in ${keyFile}, mode 600`)
  if (flags.show === true) console.log(key)
  console.log(inForce(book, 'The running gateway takes its key from now on.'))
}

/** `switchyard clients change NAME`: other terms; those that are not given stay. */
export async function changeClient(name: string, flags: ClientFlags): Promise<void> {
  const terms = termsOf(flags)
  if (Object.values(terms).every((term) => term === undefined))
    throw new WrongUsage(
      'nothing to change; give --free-only, --no-free-only, --usd-per-day or --usd-per-month',
    )
  const book = await openBook(flags)
  const client = await withProgress('Changing', book.change(name, terms))
  if (flags.json === true) {
    console.log(JSON.stringify({ ...client, inForce: book.running }, undefined, 2))
    return
  }
  console.log(`${name}: ${termsText(client)}`)
  console.log(inForce(book, 'In force in the running gateway from the next request on.'))
}

/** `switchyard clients revoke NAME`: out of the config file, and at once out of the running gateway. */
export async function revokeClient(name: string, flags: ClientFlags): Promise<void> {
  const book = await openBook(flags)
  const { keyFileRemoved, policyCleared } = await withProgress('Revoking', book.revoke(name))
  const { configFile, running } = book
  if (flags.json === true) {
    const facts = { name, configFile, keyFileRemoved, policyCleared, inForce: running }
    console.log(JSON.stringify(facts, undefined, 2))
    return
  }
  console.log(`${name} is out of ${configFile}${keyFileRemoved ? ', and its key file is removed' : ''}`)
  if (policyCleared) console.log('What the policy there said of it is taken out as well.')
  if (running) console.log('The running gateway refuses its key from now on.')
}

function inForce({ running }: Book, text: string): string {
  return running ? text : 'No gateway that uses this file was found running; the next start takes it.'
}

function termsOf({ freeOnly, usdPerDay, usdPerMonth }: ClientFlags): ClientChange {
  return {
    freeOnly,
    usdPerDay: amount('--usd-per-day', usdPerDay),
    usdPerMonth: amount('--usd-per-month', usdPerMonth),
  }
}

function amount(flag: string, text: string | undefined): number | null | undefined {
  if (text === undefined) return undefined
  if (text === 'none') return null
  const usd = Number(text)
  if (text.trim() !== '' && usd >= 0 && usd <= 1_000_000) return usd
  throw new WrongUsage(`${flag} takes dollars, or "none"; got "${text.slice(0, 20)}"`)
}

function termsText({ freeOnly, usdPerDay, usdPerMonth }: BookedClient): string {
  const ceiling = (usd: number | null, window: string): string =>
    usd === null ? `no ceiling a ${window}` : `${dollars(usd * 1e9)} a ${window} at most`
  return [
    freeOnly ? 'free calls only' : 'calls that cost something too',
    ceiling(usdPerDay, 'day'),
    ceiling(usdPerMonth, 'month'),
  ].join(', ')
}
