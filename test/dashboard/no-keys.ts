import type { Environment } from '../../src/config/environment.ts'

/** Takes back what names the simulator and its keys: a gateway that was only just installed. */
export const noKeys: Environment = {
  OPENROUTER_BASE_URL: '',
  OLLAMA_BASE_URL: '',
  ...Object.fromEntries(
    [1, 2, 3].flatMap((number) => [
      [`OPENROUTER_API_KEY_${number}`, ''],
      [`OLLAMA_API_KEY_${number}`, ''],
    ]),
  ),
}
