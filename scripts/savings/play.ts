import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createMovableClock } from '../../src/clock.ts'
import { type ChatResponse, createRouter, isRouterError, type Router } from '../../src/index.ts'
import { createDice, type Dice } from '../../src/simulator/dice.ts'
import { environmentFor, type Simulator, startSimulator } from '../../src/simulator/index.ts'
import { type Arrival, arrivalsOf, dayMs, hourMs, reachableOf, spans } from './arrivals.ts'
import { Bill, balanceUsd, ollamaSpentUsd } from './bill.ts'
import { creditsFor, perMinute, type Scenario } from './scenarios.ts'

/** What came of one scenario. Calls are as the simulator counted them, on its own side of the wire. */
export interface Result {
  readonly scenario: Scenario
  readonly days: number
  readonly requests: number
  /** Requests of the client that got no answer. */
  readonly failed: number
  /** Free requests the accounts have in all these days. */
  readonly quota: number
  readonly reachable: number
  readonly freeCalls: number
  readonly paidCalls: number
  readonly refused: number
  readonly wasted: number
  readonly spentUsd: number
  readonly allPaidUsd: number
}

export interface Run {
  readonly days: number
  readonly seed: number
  readonly onDay?: () => void
}

/** Midnight UTC before the first request. */
export const firstDay: number = Date.UTC(2026, 10, 23)

/** About 600 tokens, answered with about 200, at four characters a token. */
const prompt = `${'Summarise this ticket for the weekly report. '.repeat(53)} repeat 114 words`

interface Deed {
  readonly at: number
  do(): Promise<void>
}

/** Plays a scenario from the first day's midnight to the last one's: a real router against the simulator, over HTTP. */
export async function play(scenario: Scenario, { days, seed, onDay }: Run): Promise<Result> {
  const clock = createMovableClock({ start: firstDay })
  const dice = createDice(seed)
  const routerDice = createDice(seed + 1)
  await using simulator = await startSimulator({
    clock,
    seed,
    openrouter: { accounts: repeat(scenario.accounts, { creditsBought: creditsFor[scenario.perDay] }) },
    ollama: { accounts: repeat(2, { plan: 'payg', balanceUsd }) },
  })
  const home = mkdtempSync(join(tmpdir(), 'switchyard-savings-'))
  const start = async (): Promise<Router> => {
    const router = createRouter({
      environment: { SWITCHYARD_HOME: home, ...environmentFor(simulator) },
      store: scenario.restarts ? 'file' : 'memory',
      clock,
      random: () => routerDice.int(1_000_000) / 1_000_000,
    })
    // A program asks its first question when the router has read what it can know.
    await router.listModels()
    return router
  }
  let router = await start()
  const bill = new Bill()
  const serve = ({ at, requests }: Arrival): Deed => ({
    at,
    do: async () => {
      const answers = await Promise.all(Array.from({ length: requests }, () => ask(router)))
      for (const answer of answers) bill.add(answer, at)
    },
  })
  const restart = async (): Promise<void> => {
    await router.close()
    router = await start()
  }

  let reachable = 0
  let others = 0
  try {
    const phases = Array.from({ length: days + 1 }, () => dice.int(1000) / 1000)
    for (let number = 0; number < days; number++) {
      const day = firstDay + number * dayMs
      const arrivals = arrivalsOf(day, scenario, [phases[number] ?? 0, phases[number + 1] ?? 0])
      reachable += reachableOf(arrivals, ceilingsOf(scenario))
      const deeds = arrivals.map(serve)
      if (scenario.restarts) deeds.push({ at: restartAt(scenario, day, dice), do: restart })
      const calls = otherCalls(scenario, day, simulator, dice)
      others += calls.length
      for (const deed of [...deeds, ...calls].sort((left, right) => left.at - right.at)) {
        clock.set(deed.at)
        await deed.do()
      }
      onDay?.()
    }
    const { openrouter, ollama } = simulator.counters()
    return {
      scenario,
      days,
      requests: days * scenario.requestsPerDay,
      failed: bill.failed,
      quota: days * scenario.accounts * scenario.perDay,
      reachable,
      freeCalls: openrouter.answered - others,
      paidCalls: ollama.answered,
      refused: openrouter.refused + ollama.refused,
      wasted: openrouter.wasted + ollama.wasted,
      spentUsd: bill.checkedAgainst(await ollamaSpentUsd(simulator)),
      allPaidUsd: bill.allPaidUsd,
    }
  } finally {
    await router.close()
    rmSync(home, { recursive: true, force: true })
  }
}

/** The answer, or undefined when the router said that nobody can give one now. */
async function ask(router: Router): Promise<ChatResponse | undefined> {
  try {
    return await router.chat(prompt)
  } catch (error) {
    if (isRouterError(error)) return undefined
    throw error
  }
}

function repeat<T>(length: number, value: T): readonly T[] {
  return Array.from({ length }, () => value)
}

function ceilingsOf({ accounts, perDay, otherCalls: taken }: Scenario): { minute: number; day: number } {
  return { minute: accounts * perMinute, day: accounts * (perDay - taken) }
}

/** A random moment of the hours in which requests come. */
function restartAt({ shape }: Scenario, day: number, dice: Dice): number {
  const { fromMs, lengthMs } = spans[shape]
  return day + Math.max(0, fromMs) + dice.int(lengthMs)
}

/** Calls on the router's own keys of which it is told nothing, at random moments before the working hour. */
function otherCalls(scenario: Scenario, day: number, simulator: Simulator, dice: Dice): readonly Deed[] {
  return simulator.keys.openrouter.flatMap((key) =>
    Array.from({ length: scenario.otherCalls }, () => ({
      at: day + dice.int(spans.burst.fromMs - hourMs),
      do: async () => {
        const reply = await fetch(`${simulator.openrouterUrl}/chat/completions`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
          body: JSON.stringify({ model: 'openrouter/free', messages: [{ role: 'user', content: 'hello' }] }),
        })
        const text = await reply.text()
        // They must not be mixed up with the router's refusals.
        if (!reply.ok) throw new Error(`the other program was refused: ${text.slice(0, 200)}`)
      },
    })),
  )
}
