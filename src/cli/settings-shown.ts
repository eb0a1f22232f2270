import type { JsonObject } from '../chat/types.ts'
import type { Loaded } from '../config/load.ts'
import type { Retention } from '../ledger/retention.ts'
import type { NotifySettings, TargetSettings } from '../notify/settings.ts'
import type { Policy } from '../routing/policy.ts'
import type { ProviderSettings } from '../routing/settings.ts'
import { readVersion } from './version.ts'

/**
 * What is set, for `GET /admin/settings`. Member by member on purpose: a setting is shown because somebody chose to, so a
 * new one that holds a secret is not.
 */
export function settingsShown(
  { home, configFile, file, providers, routing, policy, keep, notes }: Loaded,
  notify: NotifySettings | undefined,
  sandbox: boolean,
): JsonObject {
  const { aliases, ...times } = routing
  return {
    version: readVersion(),
    node: process.versions.node,
    sandbox,
    home: home.folder,
    configFile,
    ledger: { file: home.ledgerFile, keepDays: keptDays(keep) },
    server: {
      allowedHosts: file.server?.allowedHosts ?? [],
      allowedOrigins: file.server?.allowedOrigins ?? [],
      maxBodyMiB: file.server?.maxBodyMiB ?? 32,
    },
    providers: providers.map(providerShown),
    routing: { ...times },
    aliases,
    policy: policyShown(policy),
    notify: notify === undefined ? null : notifyShown(notify),
    notes,
  }
}

/** Null: for ever. */
function keptDays({ attemptsMs, hoursMs, daysMs, comparisonsMs }: Retention): JsonObject {
  const days = (ms: number): number | null => (ms === Infinity ? null : ms / 86_400_000)
  return {
    attempts: days(attemptsMs),
    hours: days(hoursMs),
    days: days(daysMs),
    comparisons: days(comparisonsMs),
  }
}

function providerShown({ provider, baseUrl, keys, auto, autoModel }: ProviderSettings): JsonObject {
  const { name, title, lane, spread } = provider
  return {
    name,
    title,
    baseUrl,
    keys: keys.filter(({ secret }) => secret !== undefined).length,
    lane,
    spread,
    auto: autoModel === undefined ? (auto ?? Object.keys(provider.auto)[0] ?? null) : null,
    autoModel: autoModel ?? null,
  }
}

function policyShown({ freeOnly, ceilings, reserve }: Policy): JsonObject {
  return {
    freeOnly,
    ceilings: ceilings.map(({ client, lane, window, nanoUsd }) => ({
      client: client ?? null,
      lane: lane ?? null,
      window,
      usd: nanoUsd / 1e9,
    })),
    reserve: reserve === undefined ? null : { share: reserve.share, clients: reserve.clients },
  }
}

function notifyShown({ targets, quiet, forecastMinutes, differencePercent }: NotifySettings): JsonObject {
  return {
    targets: targets.map(targetShown),
    quiet:
      quiet === undefined
        ? null
        : {
            from: clockText(quiet.from),
            until: clockText(quiet.until),
            zone: quiet.zone ?? null,
            except: [...quiet.except],
          },
    forecastMinutes,
    differencePercent,
  }
}

/** Its address too is a secret. */
function targetShown({ name, type, events, quiet }: TargetSettings): JsonObject {
  return { name, type, events: events === undefined ? null : [...events], quiet }
}

function clockText(minute: number): string {
  return new Date(minute * 60_000).toISOString().slice(11, 16)
}
