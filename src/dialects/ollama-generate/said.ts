import { asText, present } from '../lenient.ts'
import type { SaidForm } from '../ollama/said.ts'

/** `/api/generate`: beside the other members. */
export const inResponse: SaidForm = {
  write: ({ content, thinking, calls }) => present({ response: content, thinking, tool_calls: calls }),
  read: ({ response, thinking, tool_calls }) =>
    asText(response) === undefined ? undefined : present({ content: response, thinking, tool_calls }),
  name: 'response',
  // The tokens of the conversation, for going on with it. No service here tells them.
  last: { context: [] },
}
