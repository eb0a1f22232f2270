import { count } from '../../format/amount.ts'
import { countdown } from '../../format/when.ts'
import type { Facts } from '../../api/settings.ts'

/** Names and values of settings for people; a new setting is shown without anything being done here. */
export function factsOf(settings: Facts): readonly (readonly [string, string])[] {
  return Object.entries(settings).map(([name, value]) => [nameOf(name), valueOf(name, value)])
}

const plainNames: Readonly<Record<string, string>> = {
  attempts: 'Calls a request may cost',
  deadlineMs: 'No further call after',
  connectMs: 'Longest wait to connect',
  firstContentMs: 'Longest wait for the first content',
  wholeMs: 'Longest wait for a whole answer',
  idleMs: 'Longest silence in an answer',
  totalMs: 'Longest streamed answer',
  slotWaitMs: 'Longest wait for a slot',
  maxWaitMs: 'Longest wait for spent quota',
  maxBodyMiB: 'Largest request',
}

/** Else `firstContentMs` → `First content`: the unit stands with the value. */
function nameOf(name: string): string {
  const plain = plainNames[name]
  if (plain !== undefined) return plain
  const words = name
    .replace(/Ms$/, '')
    .replace(/MiB$/, '')
    .replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
  return words.charAt(0).toUpperCase() + words.slice(1)
}

function valueOf(name: string, value: unknown): string {
  if (value === null || value === undefined) return 'not set'
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.map(String).join(', ')
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  if (typeof value !== 'number') return typeof value === 'string' ? value : JSON.stringify(value)
  if (name.endsWith('Ms')) return value === 0 ? 'none' : value < 1000 ? `${value} ms` : countdown(value)
  return name.endsWith('MiB') ? `${count(value)} MiB` : count(value)
}
