/** What `GET /admin/settings` answers. A gateway that another program has started tells only the first part. */
export type Settings = RunningSettings | ToldSettings

export interface RunningSettings {
  readonly startedAt: string
  readonly uptimeSeconds: number
  readonly address: string
  readonly clients: readonly { readonly name: string; readonly freeOnly: boolean }[]
}

/** What the operator chose; the gateway's side of it is `src/cli/settings-shown.ts`. */
export interface ToldSettings extends RunningSettings {
  readonly version: string
  readonly node: string
  readonly sandbox: boolean
  readonly home: string
  readonly configFile: string
  readonly ledger: { readonly file: string; readonly keepDays: KeepDays }
  readonly server: Facts
  readonly providers: readonly ProviderSettings[]
  readonly routing: Facts
  /** Other names of models. */
  readonly aliases: Readonly<Record<string, string>>
  readonly policy: {
    readonly freeOnly: boolean
    readonly reserve: { readonly share: number; readonly clients: readonly string[] } | null
  }
  /** Null: nobody is told anything. */
  readonly notify: NotifySettings | null
  /** What of the settings is not as one would think. */
  readonly notes: readonly string[]
}

export function isTold(settings: Settings | undefined): settings is ToldSettings {
  return settings !== undefined && 'version' in settings
}

/** For how many days what is kept; null: for ever. */
export interface KeepDays {
  readonly attempts: number | null
  readonly hours: number | null
  readonly days: number | null
  readonly comparisons: number | null
}

export type Facts = Readonly<Record<string, unknown>>

export interface ProviderSettings {
  readonly name: string
  readonly title: string
  readonly baseUrl: string
  readonly keys: number
  readonly lane: string
  readonly spread: string
  readonly auto: string | null
  readonly autoModel: string | null
}

export interface NotifySettings {
  readonly targets: readonly TargetSettings[]
  readonly quiet: {
    readonly from: string
    readonly until: string
    readonly zone: string | null
    readonly except: readonly string[]
  } | null
  readonly forecastMinutes: number
  readonly differencePercent: number
}

export interface TargetSettings {
  readonly name: string
  readonly type: string
  /** Null: everything. */
  readonly events: readonly string[] | null
  readonly quiet: boolean
}
