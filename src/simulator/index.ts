export { environmentFor } from './environment.ts'
export { startSimulator } from './simulator.ts'

export type { Simulator } from './simulator.ts'
export type { SimulatorOptions } from './options.ts'
export type { FaultKind, ScriptedFault } from './faults.ts'
export type { Counters, LogEntry, ProviderCounters, Tally } from './books.ts'
export type {
  OpenRouterAccountOptions,
  OpenRouterKeyOptions,
  OpenRouterModelOptions,
  OpenRouterOptions,
} from './openrouter/options.ts'
export type { OllamaAccountOptions, OllamaModelOptions, OllamaOptions, OllamaPlan } from './ollama/options.ts'
