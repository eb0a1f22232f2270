import { ConfigError } from '../../errors.ts'
import type { CompatibleOptions } from './options.ts'
import { readLimits, shown } from './limits.ts'
import { type DayName, dayNames, minuteOfDay, type PeakSetting, type PriceSetting } from '../prices.ts'

/** Members of an entry; `keys` is read with those of the other providers. */
const known: readonly string[] = [
  'compatible',
  'title',
  'keyEnv',
  'lane',
  'limits',
  'models',
  'autoModel',
  'prices',
  'pricesVersion',
  'needsKey',
  'streamUsage',
  'keys',
]
const lanes: readonly CompatibleOptions['lane'][] = ['free', 'included', 'paid']
const dollarNames = ['inputUsdPerMillion', 'outputUsdPerMillion', 'cachedUsdPerMillion'] as const
const priceNames: readonly string[] = [...dollarNames, 'peak']

/**
 * Reads one entry of `providers` in the config file that has `compatible: <address>`. Throws ConfigError naming the
 * member and what it takes.
 */
export function readCompatible(name: string, entry: unknown): CompatibleOptions {
  const where = `providers.${name.slice(0, 40)}`
  const members = readMembers(entry, where)
  const stranger = Object.keys(members).find((key) => !known.includes(key))
  if (stranger !== undefined)
    throw new ConfigError(`${where} has "${stranger.slice(0, 40)}"; it can have ${known.join(', ')}`)
  const lane = lanes.find((each) => each === members['lane'])
  if (lane === undefined)
    throw new ConfigError(`${where}.lane takes ${lanes.join(', ')}; got ${shown(members['lane'])}`)
  const baseUrl = readText(members, 'compatible', where)
  if (baseUrl === undefined)
    throw new ConfigError(`${where}.compatible is missing: the address of the service`)
  const title = readText(members, 'title', where)
  const keyEnv = readText(members, 'keyEnv', where)
  const autoModel = readText(members, 'autoModel', where)
  const models = readNames(members['models'], `${where}.models`)
  const prices = readPrices(members['prices'], `${where}.prices`)
  const pricesVersion = readText(members, 'pricesVersion', where)
  const needsKey = readFlag(members, 'needsKey', where)
  const streamUsage = readFlag(members, 'streamUsage', where)
  return {
    name,
    baseUrl,
    lane,
    limits: members['limits'] === undefined ? [] : readLimits(members['limits'], `${where}.limits`),
    ...(title !== undefined && { title }),
    ...(keyEnv !== undefined && { keyEnv }),
    ...(autoModel !== undefined && { autoModel }),
    ...(models !== undefined && { models }),
    ...(prices !== undefined && { prices }),
    ...(pricesVersion !== undefined && { pricesVersion }),
    ...(needsKey !== undefined && { needsKey }),
    ...(streamUsage !== undefined && { streamUsage }),
  }
}

type Members = Readonly<Record<string, unknown>>

function readMembers(value: unknown, where: string): Members {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Members
  throw new ConfigError(`${where} must hold settings by name; got ${shown(value)}`)
}

function readText(members: Members, key: string, where: string): string | undefined {
  const value = members[key]
  if (value === undefined) return undefined
  if (typeof value === 'string' && value.trim() !== '') return value.trim()
  throw new ConfigError(`${where}.${key} takes a text; got ${shown(value)}`)
}

function readFlag(members: Members, key: string, where: string): boolean | undefined {
  const value = members[key]
  if (value === undefined || typeof value === 'boolean') return value
  throw new ConfigError(`${where}.${key} takes true or false; got ${shown(value)}`)
}

function readNames(value: unknown, where: string): readonly string[] | undefined {
  if (value === undefined) return undefined
  const names = Array.isArray(value) ? value : []
  if (names.length > 0 && names.every((name) => typeof name === 'string' && name.trim() !== ''))
    return names.map((name: string) => name.trim())
  throw new ConfigError(`${where} takes a list of model names; got ${shown(value)}`)
}

function readPrices(value: unknown, where: string): Readonly<Record<string, PriceSetting>> | undefined {
  if (value === undefined) return undefined
  const entries = Object.entries(readMembers(value, where))
  return Object.fromEntries(
    entries.map(([model, price]) => [model, readPrice(price, `${where}["${model.slice(0, 60)}"]`)]),
  )
}

function readPrice(value: unknown, where: string): PriceSetting {
  const members = readMembers(value, where)
  const stranger = Object.keys(members).find((key) => !priceNames.includes(key))
  if (stranger !== undefined)
    throw new ConfigError(`${where} has "${stranger.slice(0, 40)}"; it can have ${priceNames.join(', ')}`)
  const [input, output, cached] = dollarNames.map((name) => {
    const usd = members[name]
    if (usd === undefined && name === 'cachedUsdPerMillion') return undefined
    if (typeof usd === 'number' && Number.isFinite(usd) && usd >= 0) return usd
    throw new ConfigError(`${where}.${name} takes dollars a million tokens; got ${shown(usd)}`)
  })
  return {
    inputUsdPerMillion: input ?? 0,
    outputUsdPerMillion: output ?? 0,
    ...(cached !== undefined && { cachedUsdPerMillion: cached }),
    ...(members['peak'] !== undefined && { peak: readPeak(members['peak'], `${where}.peak`) }),
  }
}

function readPeak(value: unknown, where: string): PeakSetting {
  const members = readMembers(value, where)
  const { factor, days, from, until } = members
  const names = Array.isArray(days) ? days : []
  const begins = typeof from === 'string' ? minuteOfDay(from) : Number.NaN
  const ends = typeof until === 'string' ? minuteOfDay(until) : Number.NaN
  const right =
    typeof factor === 'number' &&
    factor > 0 &&
    begins < ends &&
    (days === undefined || (names.length > 0 && names.every((name) => dayNames.includes(name)))) &&
    Object.keys(members).every((key) => ['factor', 'days', 'from', 'until'].includes(key))
  if (!right)
    throw new ConfigError(
      `${where} looks like { factor: 2, days: [mon, fri], from: "12:00", until: "18:00" } (UTC, days optional); got ${shown(value)}`,
    )
  return {
    factor,
    from: String(from),
    until: String(until),
    ...(days === undefined ? {} : { days: names as DayName[] }),
  }
}
