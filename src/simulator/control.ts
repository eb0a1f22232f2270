import type { MovableClock } from '../clock.ts'
import type { Exchange } from './exchange.ts'
import { readFault } from './faults.ts'
import { isRecord, parseJson } from './json.ts'
import { includedLeft } from './ollama/side.ts'
import { limitRemaining } from './openrouter/side.ts'
import { dayWindow, minuteWindow } from './windows.ts'
import type { World } from './world.ts'

/** What the control routes can do besides reading. */
export interface Controls {
  readonly clock: MovableClock
  readonly world: () => World
  reset(): void
}

const help = `The provider simulator's controls.

GET    /sim            this text
GET    /sim/state      accounts, their windows and keys (masked)
GET    /sim/counters   calls, answers, refusals, wasted calls by provider, account, key and model
GET    /sim/clock      the simulator's time
POST   /sim/clock      {"advanceMs": 60000} | {"to": "2026-11-24T00:00:00Z"} | {"to": "next-minute" | "next-day"}
POST   /sim/faults     one scripted fault or a list: {"provider": "openrouter", "kind": "upstream-429", "times": 1}
DELETE /sim/faults     no more scripted faults
POST   /sim/reset      counters, windows and faults back to the start
GET    /sim/log        the last 500 calls

OpenRouter answers under /openrouter/api/v1, Ollama Cloud under /ollama.
`

/** Wrong input; the message says what to write instead. */
class InputError extends Error {}

function masked(key: string): string {
  return `${key.slice(0, 8)}…`
}

function iso(epochMs: number): string {
  return new Date(epochMs).toISOString()
}

function describeState(world: World): object {
  const now = world.clock.now()
  const openrouter = world.openrouter.accounts.map((account) => ({
    name: account.name,
    userId: account.userId,
    creditsBought: account.creditsBought,
    balanceUsd: account.balance,
    minute: {
      used: account.minute.count(now),
      limit: account.perMinute,
      resetsAt: iso(minuteWindow(now).until),
    },
    day: { used: account.day.count(now), limit: account.perDay, resetsAt: iso(dayWindow(now).until) },
    knownSpent: account.told.isKnown(now),
    keys: [...world.openrouter.keys.values()]
      .filter((key) => key.owner === account)
      .map((key) => ({
        label: key.label,
        key: masked(key.value),
        disabled: key.disabled,
        limitRemainingUsd: limitRemaining(key, now),
      })),
  }))
  const ollama = world.ollama.accounts.map((account) => ({
    name: account.name,
    plan: account.plan,
    includedUsd: includedLeft(account, now),
    purchasedUsd: account.purchased,
    periodEndsAt: iso(account.includedSpent.window(now).until),
    ...(account.isLegacy
      ? {
          session: {
            used: account.session.count(now),
            limit: account.sessionAllowance,
            resetsAt: iso(account.session.window(now).until),
          },
          weekly: {
            used: account.weekly.count(now),
            limit: account.weeklyAllowance,
            resetsAt: iso(account.weekly.window(now).until),
          },
        }
      : {}),
    slots: { running: account.slots.running, limit: account.concurrency },
    knownSpent: account.told.isKnown(now),
    keys: [...world.ollama.keys.values()]
      .filter((key) => key.owner === account)
      .map((key) => ({ label: key.label, key: masked(key.value) })),
  }))
  return { now: iso(now), waitingFaults: world.faults.size, openrouter, ollama }
}

function describeClock(clock: MovableClock): object {
  return { now: iso(clock.now()), epochMs: clock.now() }
}

const latest = Date.UTC(9999, 0, 1)

function moveClock(clock: MovableClock, body: unknown): void {
  if (!isRecord(body)) throw new InputError('send {"advanceMs": n} or {"to": "2026-11-24T00:00:00Z"}')
  const { advanceMs, to } = body
  const now = clock.now()
  if (typeof advanceMs === 'number') {
    if (!(advanceMs >= 0 && now + advanceMs < latest)) {
      throw new InputError('"advanceMs" must be from 0, and end before the year 9999')
    }
    return clock.advance(advanceMs)
  }
  if (to === 'next-minute') return clock.set(minuteWindow(now).until)
  if (to === 'next-day') return clock.set(dayWindow(now).until)
  const moment = typeof to === 'string' ? Date.parse(to) : Number.NaN
  if (!(moment >= 0 && moment < latest)) {
    throw new InputError('"to" must be a time like "2026-11-24T00:00:00Z", "next-minute" or "next-day"')
  }
  clock.set(moment)
}

function addFaults(world: World, body: unknown): object {
  const given = Array.isArray(body) ? (body as unknown[]) : [body]
  // All are read before the first is added: a list is taken whole or not at all.
  const faults = given.map((fault) => readFault(fault))
  for (const fault of faults) world.faults.add(fault)
  return { added: faults.length, waiting: world.faults.size }
}

async function readInput(exchange: Exchange): Promise<unknown> {
  const text = await exchange.readBody()
  const body = text === undefined ? undefined : parseJson(text)
  if (body === undefined) throw new InputError('the body is not JSON')
  return body
}

async function answer(controls: Controls, exchange: Exchange): Promise<object | undefined> {
  const world = controls.world()
  switch (`${exchange.method} ${exchange.path}`) {
    case 'GET /sim/state':
      return describeState(world)
    case 'GET /sim/counters':
      return world.books.counters()
    case 'GET /sim/clock':
      return describeClock(controls.clock)
    case 'POST /sim/clock':
      moveClock(controls.clock, await readInput(exchange))
      return describeClock(controls.clock)
    case 'POST /sim/faults':
      return addFaults(world, await readInput(exchange))
    case 'DELETE /sim/faults':
      world.faults.clear()
      return { waiting: 0 }
    case 'POST /sim/reset':
      controls.reset()
      return { reset: true }
    case 'GET /sim/log':
      return { calls: world.books.log() }
    default:
      return undefined
  }
}

const json = { 'content-type': 'application/json; charset=utf-8' }

/** Answers one call to /sim. */
export async function serveControl(controls: Controls, exchange: Exchange): Promise<void> {
  if (exchange.method === 'GET' && /^\/sim\/?$/.test(exchange.path)) {
    return exchange.reply(200, { 'content-type': 'text/plain; charset=utf-8' }, help)
  }
  try {
    const found = await answer(controls, exchange)
    const body = found ?? { error: `no route ${exchange.method} ${exchange.path}; GET /sim lists them` }
    return await exchange.reply(found === undefined ? 404 : 200, json, JSON.stringify(body))
  } catch (error) {
    if (!(error instanceof InputError || error instanceof TypeError)) throw error
    return exchange.reply(400, json, JSON.stringify({ error: error.message }))
  }
}
