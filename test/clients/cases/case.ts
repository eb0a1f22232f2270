import assert from 'node:assert/strict'
import { inFlight, until } from '../../support/probe.ts'
import type { ClientUnderTest, Session, Side } from '../client-under-test.ts'
import { models, openStage, type Stage, type StageOptions } from '../stage.ts'

/** One column of the matrix. */
export interface Case {
  /** What it proves, for the page. */
  readonly meaning: string
  /** `each`: once against either service. Else once, against OpenRouter. */
  readonly sides: 'each' | 'once'
  /** Resolves with what the cell shows; rejects when the client does not do what it should. */
  run(client: ClientUnderTest, side: Side): Promise<string>
}

/** What a case works with. */
export interface Scene {
  readonly client: ClientUnderTest
  readonly session: Session
  readonly stage: Stage
  readonly side: Side
  /** The model of this side. */
  readonly model: string
}

export const passed = '✓'
// Characters of two, three and four bytes, to be cut anywhere on their way.
export const greeting = 'Grüße, 你好, 🌍! Say this back.'
/** What a simulated model says to it. */
export const echo: string = `You said: ${greeting}`

/** A case on a stage of its own. What `act` resolves with is shown, a tick unless it says otherwise. */
export function onStage(
  meaning: string,
  options: StageOptions,
  act: (scene: Scene) => Promise<string | void>,
  sides: Case['sides'] = 'each',
): Case {
  const run = async (client: ClientUnderTest, side: Side): Promise<string> => {
    await using stage = await openStage(options)
    const session = client.open(stage.door)
    const shown = await act({ client, session, stage, side, model: models[side] })
    await settle(stage, side)
    return shown ?? passed
  }
  return { meaning, sides, run }
}

/** After every case: nothing is in flight, and only the one service was asked. */
export async function settle({ stand }: Stage, side: Side): Promise<void> {
  await until(async () => (await inFlight(stand)) === 0, 'no lease is held')
  const other = side === 'openrouter' ? 'ollama' : 'openrouter'
  assert.equal(stand.simulator.counters()[other].calls, 0, 'the other service was not asked')
}
