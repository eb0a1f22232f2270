import type { ChatResponse } from '../../src/index.ts'
import { ollama } from '../../src/providers/ollama/index.ts'
import type { Simulator } from '../../src/simulator/index.ts'

/** What each paid account holds at the start: more than any scenario spends. */
export const balanceUsd = 1000

/** The model that `auto` takes in the paid lane, and that everything is compared with. */
export const paidModel = 'gemma4:31b'

/** What the answers cost, and what they would have cost had the paid service given them all. */
export class Bill {
  failed = 0
  #spentUsd = 0
  #allPaidUsd = 0

  get allPaidUsd(): number {
    return this.#allPaidUsd
  }

  /** `undefined`: the client got no answer. */
  add(response: ChatResponse | undefined, at: number): void {
    if (response === undefined) {
      this.failed++
      return
    }
    const { cost, model, provider, tokens } = response
    if (cost === null) throw new Error(`nobody knows the price of ${model}`)
    if (provider === ollama.name && model !== paidModel)
      throw new Error(`${model} is not the model compared with`)
    this.#spentUsd += cost
    this.#allPaidUsd += (ollama.price?.(paidModel, tokens, at)?.nanoUsd ?? Number.NaN) / 1e9
  }

  /** Two ledgers that share no code must come to the same sum. */
  checkedAgainst(servicesUsd: number): number {
    if (Math.abs(servicesUsd - this.#spentUsd) > 1e-6)
      throw new Error(`the router counts $${this.#spentUsd}, the service $${servicesUsd}`)
    return this.#spentUsd
  }
}

/** What the simulator took from the paid accounts. */
export async function ollamaSpentUsd(simulator: Simulator): Promise<number> {
  const reply = await fetch(`${simulator.url}/sim/state`)
  const state = (await reply.json()) as { readonly ollama: readonly { readonly purchasedUsd: number }[] }
  return state.ollama.reduce((sum, account) => sum + balanceUsd - account.purchasedUsd, 0)
}
