import { type ChildProcess, fork } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import type { Result } from './play.ts'
import type { Scenario } from './scenarios.ts'

export interface Job {
  readonly scenario: Scenario
  readonly days: number
  readonly seed: number
}

/** What a process tells of the scenario with this name. */
export type News = { readonly name: string } & (
  | { readonly type: 'day' }
  | { readonly type: 'result'; readonly result: Result }
)

// Each scenario waits for one answer after the other; a few at a time keep a core busy, and share no more than the process.
const jobsPerProcess = 4
// Committing every row to disk makes a call about three times as long.
const fileFactor = 3

/** Plays every job, divided between a process for each core. The results keep the order of the jobs. */
export async function playAll(
  jobs: readonly Job[],
  onDay: (scenario: Scenario) => void,
): Promise<readonly Result[]> {
  // The longest first, so that no core is left waiting for one long job at the end.
  const waiting = jobs.toSorted((left, right) => costOf(right) - costOf(left))
  const results = new Map<string, Result>()
  const children = Array.from({ length: Math.min(availableParallelism(), jobs.length) }, () =>
    fork(join(import.meta.dirname, 'worker.ts')),
  )
  const work = async (child: ChildProcess): Promise<void> => {
    for (let job = waiting.shift(); job !== undefined; job = waiting.shift()) {
      const { scenario } = job
      results.set(scenario.name, await resultOf(child, job, () => onDay(scenario)))
    }
  }
  try {
    const lanes = Array.from({ length: jobsPerProcess }, () => children).flat()
    await Promise.all(lanes.map(work))
  } finally {
    for (const child of children) child.kill()
  }
  return jobs.flatMap(({ scenario }) => results.get(scenario.name) ?? [])
}

function costOf({ scenario, days }: Job): number {
  return days * scenario.requestsPerDay * (scenario.restarts ? fileFactor : 1)
}

function resultOf(child: ChildProcess, job: Job, onDay: () => void): Promise<Result> {
  return new Promise((resolve, reject) => {
    const { name } = job.scenario
    const stop = (): void => {
      child.off('message', hear)
      child.off('exit', fail)
    }
    const fail = (): void => {
      stop()
      reject(new Error(`${name} could not be played`))
    }
    const hear = (news: News): void => {
      if (news.name !== name) return
      if (news.type === 'day') return onDay()
      stop()
      resolve(news.result)
    }
    child.on('message', hear)
    child.on('exit', fail)
    child.send(job)
  })
}
