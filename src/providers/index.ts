import { ollama } from './ollama/index.ts'
import { openrouter } from './openrouter/index.ts'
import type { Provider } from './provider.ts'

/** Every provider there is, in the order in which they are tried when nothing else decides. */
export const providers: readonly Provider[] = [openrouter, ollama]

/** Their names, for messages to people. */
export const nameList: string = providers.map((provider) => provider.name).join(', ')

/** The provider of that name, if there is one. */
export function providerNamed(name: string): Provider | undefined {
  return providers.find((provider) => provider.name === name)
}
