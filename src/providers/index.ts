import { ollama } from './ollama/index.ts'
import { openrouter } from './openrouter/index.ts'
import type { Provider } from './provider.ts'

/** Every provider there is, in the order in which they are tried when nothing else decides. */
export const providers: readonly Provider[] = [openrouter, ollama]
