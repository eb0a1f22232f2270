import type { SimulatorOptions } from '../../src/simulator/index.ts'

/** Keys that are easy to find again: of the usual shapes, and of shapes nobody expects. */
export const canaries: Readonly<
  Record<'usual' | 'odd', { readonly openrouter: string; readonly ollama: string }>
> = {
  usual: {
    openrouter: `sk-or-v1-${'ca4a27'.repeat(10)}beef`,
    ollama: `${'ca4a27ff'.repeat(4)}.canaryCANARYcanaryCANARY`,
  },
  odd: { openrouter: 'my+own/gateway=canary~key!0123456789', ollama: 'ollama:canary:9876543210:local' },
}

/** A simulator whose accounts hold the canaries: one account per key. */
export const canarySimulator: SimulatorOptions = {
  openrouter: { accounts: [{ keys: [canaries.usual.openrouter] }, { keys: [canaries.odd.openrouter] }] },
  ollama: { accounts: [{ keys: [canaries.usual.ollama] }, { keys: [canaries.odd.ollama] }] },
}

/** Which of the secrets a text holds, whole or in larger part. More than 8 characters may be shown of none. */
export function secretsIn(text: string, secrets: readonly string[]): string[] {
  return secrets.filter((secret) => {
    for (let at = 0; at + 12 <= secret.length; at++) if (text.includes(secret.slice(at, at + 12))) return true
    return false
  })
}

export const canaryKeys: readonly string[] = Object.values(canaries).flatMap((each) => Object.values(each))
