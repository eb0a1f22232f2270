import type { Json } from '../chat/types.ts'
import { type Loaded, load } from '../config/load.ts'
import { askGateway } from './gateway-client.ts'
import { localGateway, serverSettings } from './settings.ts'

/** What a command needs to know of this machine: its settings, and how its gateway is asked. */
export interface Local {
  readonly loaded: Loaded
  readonly url: string
  /** Undefined when no gateway answers. Throws RouterError when it refuses. */
  ask<Answer>(path: string, body?: Json, headMs?: number): Promise<Answer | undefined>
}

export function openLocal(options: { readonly config?: string } = {}): Local {
  const loaded = load({
    environment: process.env,
    ...(options.config === undefined ? {} : { configFile: options.config }),
  })
  const gateway = localGateway(serverSettings(process.env, loaded.file), loaded.home)
  return {
    loaded,
    url: gateway.url,
    ask: async <Answer>(path: string, body?: Json, headMs?: number) =>
      (await askGateway(`${gateway.url}${path}`, gateway.adminKey, body, headMs)) as Answer | undefined,
  }
}
