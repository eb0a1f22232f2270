import { answerTo } from '../../answer.ts'
import { readStrings } from '../../json.ts'
import { readOpenAiQuestion } from '../../openai-question.ts'
import { plainRefusal, refusalBody } from '../errors.ts'
import type { OpenRouterDialect } from '../dialect.ts'
import { writeResult } from './result.ts'
import { writeChatError, writeChatFrames } from './stream.ts'

/** POST /chat/completions, OpenAI's chat API. */
export const chat: OpenRouterDialect = {
  output: 'text',
  callPrefix: 'call_',
  quirks: new Set(),
  read: (body) =>
    Array.isArray(body['messages']) && body['messages'].length > 0
      ? { question: readOpenAiQuestion(body), fallbacks: readStrings(body['models']) }
      : plainRefusal('bad-request', 400, 'Input required: specify "prompt" or "messages"'),
  answer: answerTo,
  refusalBody,
  write: (generation) => writeResult(generation),
  writeFailed: (generation, error, partial) =>
    partial ? writeResult(generation, error) : JSON.stringify({ error }),
  frames: writeChatFrames,
  errorFrame: writeChatError,
}
