import { edgeRules } from '../fault-rules.ts'
import type { FaultRule } from '../provider.ts'

export { readFailure } from './failure.ts'

/*
 * Rows for what OpenAI-compatible services have in common. Marks are the meanings of words.ts. Their limits are mostly
 * counted by organisation and model, so a refusal rests the account with that model.
 */
const keys: readonly FaultRule[] = [
  { id: 'bad-key', mark: 'bad-key', kind: 'credential', scope: 'key', rests: 'released' },
  {
    // NVIDIA's answer to a wrong key (github.com/dmMaze/BallonsTranslator/issues/1233).
    id: 'authorization-failed',
    status: 403,
    message: /^authorization failed/i,
    kind: 'credential',
    scope: 'key',
    rests: 'hour',
  },
]

const money: readonly FaultRule[] = [
  { id: 'no-credit', mark: 'no-credit', kind: 'credits', scope: 'account', rests: 'hour' },
  { id: 'payment', status: 402, kind: 'credits', scope: 'account', rests: 'hour' },
]

/** The request is at fault, for this model or for any. */
const requests: readonly FaultRule[] = [
  // Mistral (github.com/openai/openai-agents-python/issues/442).
  {
    id: 'stream-options',
    status: [400, 422],
    message: /\bstream_options\b/,
    kind: 'guard',
    scope: 'request',
  },
  // More than a minute's tokens, or than the tier takes at once: the same model elsewhere may take it.
  { id: 'too-large', mark: 'too-large', kind: 'no-model', scope: 'request' },
  {
    id: 'too-large-message',
    message: /^Request (?:body )?too large for /i,
    kind: 'no-model',
    scope: 'request',
  },
  { id: 'too-long', mark: 'too-long', kind: 'too-long', scope: 'request' },
  {
    // vLLM says so in words only, llama.cpp does in some cases.
    id: 'too-long-message',
    status: [400, 413, 500],
    message:
      /maximum context length|context length is only|context size has been exceeded|exceeds the available context/i,
    kind: 'too-long',
    scope: 'request',
  },
  { id: 'filtered', mark: 'filtered', kind: 'filtered', scope: 'request' },
]

const models: readonly FaultRule[] = [
  {
    id: 'no-allowance',
    mark: 'no-allowance',
    kind: 'forbidden-model',
    scope: 'account-model',
    rests: 'next-day',
  },
  { id: 'gone', mark: 'gone', kind: 'no-model', scope: 'model', rests: 'next-day' },
  // "… or you do not have access to it": another account may.
  { id: 'no-model', mark: 'no-model', kind: 'no-model', scope: 'account-model', rests: 'hour' },
  {
    id: 'no-model-message',
    status: [400, 404],
    message: /^(?:the )?model .{1,300} (?:not found|does not exist)|^Function '.{1,100}': Not found/i,
    kind: 'no-model',
    scope: 'account-model',
    rests: 'hour',
  },
  {
    // Google's free tier is closed to some countries; a project with billing is not (ai.google.dev/gemini-api/docs/generate-content/api-errors).
    id: 'location',
    status: [400, 403],
    message: /location is not supported|not available in your (?:country|region)/i,
    kind: 'forbidden-model',
    scope: 'account',
    rests: 'hour',
  },
  { id: 'forbidden', mark: 'forbidden', kind: 'forbidden-model', scope: 'account-model', rests: 'hour' },
]

const limits: readonly FaultRule[] = [
  { id: 'busy', mark: 'busy', kind: 'busy', scope: 'model', rests: 'short' },
  {
    id: 'busy-message',
    message: /capacity exceeded|overloaded|experiencing high traffic/i,
    kind: 'busy',
    scope: 'model',
    rests: 'short',
  },
  // Without a stated time it is probed at growing distances: whose midnight ends the day is not the same everywhere.
  { id: 'day', mark: 'day-window', kind: 'quota', scope: 'account-model', rests: 'short' },
  { id: 'minute', mark: 'minute-window', kind: 'rate', scope: 'account-model', rests: 'next-minute' },
  { id: 'rate', mark: 'rate', kind: 'rate', scope: 'account-model', rests: 'short' },
]

/** First match decides. */
export const faultRules: readonly FaultRule[] = [
  ...edgeRules,
  ...keys,
  ...money,
  ...requests,
  ...models,
  ...limits,
]
