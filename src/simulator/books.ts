export type ProviderName = 'openrouter' | 'ollama'

/** What happened to the calls of one provider, account, key or model. */
export interface Tally {
  /** Inference calls received. */
  calls: number
  answered: number
  /** Answered with an error status before any content, by the rules or by a scripted fault. */
  refused: number
  refusedBy: Record<string, number>
  /** Broken by a scripted fault after, or instead of, a status: cuts, stalls, empty answers, garbage. */
  failed: number
  failedBy: Record<string, number>
  /** The client closed the connection before the answer was complete. */
  aborted: number
  /** Calls that arrived after this account had been told that it is spent, for the window still running. */
  wasted: number
  /** Calls that are no inference: model lists, key and balance readings. */
  metadata: number
  inFlight: number
  /** The most calls in flight at one moment. */
  peak: number
}

/** A tally of the whole provider, split by account name, by key (`account/number`) and by model. */
export interface ProviderCounters extends Tally {
  readonly accounts: Readonly<Record<string, Tally>>
  readonly keys: Readonly<Record<string, Tally>>
  readonly models: Readonly<Record<string, Tally>>
}

export interface Counters {
  readonly openrouter: ProviderCounters
  readonly ollama: ProviderCounters
}

export type Outcome = 'open' | 'answered' | 'refused' | 'failed' | 'aborted' | 'metadata'

/** One line of the call log; keys appear as `account/number`. */
export interface LogEntry {
  readonly at: string
  readonly provider: ProviderName
  readonly account: string | null
  readonly key: string | null
  readonly path: string
  model: string | null
  status: number | null
  outcome: Outcome
  kind: string | null
}

/** Whose books a call goes into. */
export interface KeyNames {
  readonly account: string
  readonly label: string
}

const logLength = 500

function emptyTally(): Tally {
  return {
    calls: 0,
    answered: 0,
    refused: 0,
    refusedBy: {},
    failed: 0,
    failedBy: {},
    aborted: 0,
    wasted: 0,
    metadata: 0,
    inFlight: 0,
    peak: 0,
  }
}

class ProviderBooks {
  readonly total: Tally = emptyTally()
  readonly accounts: Map<string, Tally> = new Map()
  readonly keys: Map<string, Tally> = new Map()
  readonly models: Map<string, Tally> = new Map()

  counters(): ProviderCounters {
    return structuredClone({
      ...this.total,
      accounts: Object.fromEntries(this.accounts),
      keys: Object.fromEntries(this.keys),
      models: Object.fromEntries(this.models),
    })
  }
}

function tallyOf(tallies: Map<string, Tally>, name: string): Tally {
  let tally = tallies.get(name)
  if (tally === undefined) tallies.set(name, (tally = emptyTally()))
  return tally
}

function arrive(tally: Tally): void {
  tally.calls += 1
  tally.inFlight += 1
  if (tally.inFlight > tally.peak) tally.peak = tally.inFlight
}

function count(tally: Tally, outcome: Outcome, kind: string | null, step: 1 | -1): void {
  if (outcome === 'open' || outcome === 'metadata') return
  tally[outcome] += step
  if (kind === null) return
  if (outcome === 'refused') tally.refusedBy[kind] = (tally.refusedBy[kind] ?? 0) + step
  if (outcome === 'failed') tally.failedBy[kind] = (tally.failedBy[kind] ?? 0) + step
}

/** One inference call in the books, from its arrival to its outcome. */
export class CallRecord {
  readonly entry: LogEntry
  readonly #books: ProviderBooks
  readonly #tallies: Tally[]
  #wasted = false

  constructor(books: ProviderBooks, tallies: Tally[], entry: LogEntry) {
    this.#books = books
    this.#tallies = tallies
    this.entry = entry
    for (const tally of tallies) arrive(tally)
  }

  /** Says which model is asked for; only names of the catalogue, so that the books stay bounded. */
  model(id: string): void {
    if (this.entry.model !== null) return
    this.entry.model = id
    const tally = tallyOf(this.#books.models, id)
    this.#tallies.push(tally)
    arrive(tally)
  }

  waste(): void {
    if (this.#wasted) return
    this.#wasted = true
    for (const tally of this.#tallies) tally.wasted += 1
  }

  /** Books the outcome. A later one replaces an earlier: an answer that was written can still be left unread. */
  settle(outcome: Exclude<Outcome, 'open'>, kind: string | null = null): void {
    const before = this.entry.outcome
    for (const tally of this.#tallies) {
      if (before === 'open') tally.inFlight -= 1
      else count(tally, before, this.entry.kind, -1)
      count(tally, outcome, kind, 1)
    }
    this.entry.outcome = outcome
    this.entry.kind = kind
  }
}

/** Counters and the log of the last calls. */
export class Books {
  readonly #providers = { openrouter: new ProviderBooks(), ollama: new ProviderBooks() }
  readonly #log: LogEntry[] = []
  #oldest = 0

  /** Gives an account its rows before it is called, so that an unused one shows zeros. */
  introduce(provider: ProviderName, names: KeyNames): void {
    tallyOf(this.#providers[provider].accounts, names.account)
    tallyOf(this.#providers[provider].keys, names.label)
  }

  call(provider: ProviderName, names: KeyNames | undefined, path: string, now: number): CallRecord {
    const books = this.#providers[provider]
    const entry = this.#write(provider, names, path, now, 'open')
    return new CallRecord(books, this.#tallies(books, names), entry)
  }

  metadata(provider: ProviderName, names: KeyNames | undefined, path: string, now: number): LogEntry {
    for (const tally of this.#tallies(this.#providers[provider], names)) tally.metadata += 1
    return this.#write(provider, names, path, now, 'metadata')
  }

  counters(): Counters {
    return { openrouter: this.#providers.openrouter.counters(), ollama: this.#providers.ollama.counters() }
  }

  /** Oldest first. */
  log(): readonly LogEntry[] {
    return [...this.#log.slice(this.#oldest), ...this.#log.slice(0, this.#oldest)]
  }

  #tallies(books: ProviderBooks, names: KeyNames | undefined): Tally[] {
    if (names === undefined) return [books.total]
    return [books.total, tallyOf(books.accounts, names.account), tallyOf(books.keys, names.label)]
  }

  #write(
    provider: ProviderName,
    names: KeyNames | undefined,
    path: string,
    now: number,
    outcome: Outcome,
  ): LogEntry {
    const entry: LogEntry = {
      at: new Date(now).toISOString(),
      provider,
      account: names?.account ?? null,
      key: names?.label ?? null,
      path: path.slice(0, 200),
      model: null,
      status: null,
      outcome,
      kind: null,
    }
    this.#log[this.#oldest] = entry
    this.#oldest = (this.#oldest + 1) % logLength
    return entry
  }
}
