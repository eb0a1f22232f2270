import type { ProviderSettings } from '../routing/settings.ts'

/** Where the keys of the services are set: a config file and this process's environment. */
export interface KeySource {
  /** For people, and for commands that would have the gateway look into another file. */
  readonly configFile: string
  /** As it stands there now. Throws ConfigError that says what is wrong. */
  read(): readonly ProviderSettings[]
}
