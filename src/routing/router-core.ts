import type { Comparison, LedgerStore, UsageQuery, UsageRow } from '../ledger/ledger.ts'
import type { ModelInfo } from '../providers/provider.ts'
import type { Draft } from '../relay/draft.ts'
import type { CallOptions, Routed } from './routed.ts'
import type { KeyCheck } from './key-check.ts'
import type { Listing } from './listing.ts'
import type { ClientSpend } from './client-spend.ts'
import type { TakenKeys } from './joining.ts'
import type { Policy } from './policy.ts'
import type { Observer } from './observer.ts'
import type { PlanRequest, RoutePlan } from './preview.ts'
import type { ProviderSettings, RouterSettings } from './settings.ts'
import type { Status } from './status.ts'
import type { Why } from './why.ts'

/** A model with the provider that lists it. */
export interface ListedModel extends ModelInfo {
  readonly provider: string
}

/** The router as its doors see it: requests in, answers out, and what it knows about itself. */
export interface RouterCore extends AsyncDisposable {
  /** Resolves when store, holds, counts and (as far as reachable) accounts and catalogues have been read. */
  readonly ready: Promise<void>
  /** Throws RouterError: RequestError, ProviderError or QuotaExhaustedError. */
  send(draft: Draft, options?: CallOptions): Promise<Routed>
  /** `totals: false` leaves out the ledger's sums of today (they are 0 then), so that it answers also while the ledger does not. */
  status(options?: { readonly totals?: boolean }): Promise<Status>
  models(): Promise<readonly ListedModel[]>
  /** The same with who pays, and with prices of tables. */
  listing(): Promise<Listing>
  /** Models by the other names that the operator gave them. */
  readonly aliases: Readonly<Record<string, string>>
  /** Who wants to hear of requests that have ended. */
  readonly observe: Observer | undefined
  /** What the services counted of their UTC days beside our own counts, the newest day first. */
  comparisons(since: number): Promise<readonly Comparison[]>
  /** What would be chosen for a request now, and why not the others. Nothing is called and nothing taken. */
  plan(request: PlanRequest): Promise<RoutePlan>
  /** What became of a request, by its id; undefined when the ledger knows nothing of it. */
  why(id: string): Promise<Why | undefined>
  /**
   * Puts another policy in force for all that is decided from now on, calls in flight counted. `change` runs when nothing
   * can fail any more but itself, and in one step with that: what it throws leaves everything as it was.
   */
  changePolicy<Change extends { readonly policy: Policy }>(change: () => Change): Promise<Change>
  /** What is in force by now: keys that joined and another policy included. */
  readonly inForce: Pick<RouterSettings, 'providers' | 'policy'>
  /**
   * Takes keys of these settings into use that it does not have yet, with what earlier processes used of them and what
   * the services say of their accounts. Whatever else differs stays as it is until the next start.
   */
  takeKeys(wanted: readonly ProviderSettings[]): Promise<TakenKeys>
  /** What each client did and spent in the running UTC day and month. */
  clientSpend(): Promise<ClientSpend>
  /** Sums of the ledger. */
  usage(query: UsageQuery): Promise<readonly UsageRow[]>
  /** The newest attempts first, as far as one question looks. */
  attempts: LedgerStore['attempts']
  /** Asks the services about keys, by reads that spend no quota; `names` left out: about all. */
  checkKeys(names?: readonly string[]): Promise<readonly KeyCheck[]>
  /** Ends every rest of a key by hand; false when no key has that name. */
  release(keyName: string): Promise<boolean>
  /** Sets a key aside by hand, for later processes too, or takes it back; false when no key has that name. */
  enable(keyName: string, enabled: boolean): Promise<boolean>
  /** Whether the store takes rows; false also while closing. */
  healthy(): boolean
  close(): Promise<void>
}
