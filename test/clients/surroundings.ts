import { subscribe } from 'node:diagnostics_channel'

const clientVariables = /^(OPENAI|ANTHROPIC|CLAUDE|OLLAMA|OPENROUTER|LANGCHAIN|LANGSMITH|AI_SDK|SWITCHYARD)_/

/** Takes away the variables that clients read: they would send a real key, or go elsewhere. */
export function clearVariables(): void {
  for (const name of Object.keys(process.env)) if (clientVariables.test(name)) delete process.env[name]
}

/** The AI SDK prints its warnings unless this is false (https://ai-sdk.dev/docs/ai-sdk-core/settings). */
export function silenceWarnings(): void {
  Object.assign(globalThis, { AI_SDK_LOG_WARNINGS: false })
}

/** Origins off this machine that `fetch` was asked for from now on. */
export function watchFetches(): ReadonlySet<string> {
  const foreign = new Set<string>()
  subscribe('undici:request:create', (message) => {
    const { request } = message as { readonly request: { readonly origin: string | URL } }
    const { hostname, origin } = new URL(request.origin)
    if (hostname !== '127.0.0.1' && hostname !== 'localhost') foreign.add(origin)
  })
  return foreign
}
