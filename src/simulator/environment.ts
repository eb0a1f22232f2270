import type { Simulator } from './simulator.ts'

/** The variables that point a router at a simulator, with all of its keys. */
export function environmentFor(
  simulator: Pick<Simulator, 'openrouterUrl' | 'ollamaUrl' | 'keys'>,
): Record<string, string> {
  return {
    OPENROUTER_BASE_URL: simulator.openrouterUrl,
    ...numbered('OPENROUTER_API_KEY', simulator.keys.openrouter),
    OLLAMA_BASE_URL: simulator.ollamaUrl,
    ...numbered('OLLAMA_API_KEY', simulator.keys.ollama),
  }
}

function numbered(name: string, keys: readonly string[]): Record<string, string> {
  return Object.fromEntries(keys.map((key, index) => [`${name}_${index + 1}`, key]))
}
