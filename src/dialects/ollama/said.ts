import type { JsonObject } from '../../chat/types.ts'
import { asObject, present } from '../lenient.ts'

/** What one line of an answer says. */
export interface Said {
  readonly content: string
  readonly thinking?: string
  readonly calls?: readonly JsonObject[]
}

/** Where the lines of an answer hold what they say: the two paths that answer with text differ in nothing else. */
export interface SaidForm {
  write(said: Said): JsonObject
  /** The members of a chat message; undefined where the line holds none. */
  read(line: JsonObject): JsonObject | undefined
  /** For people: what an answer without it lacks. */
  readonly name: string
  /** What only the last line has, beside its counters. */
  readonly last: JsonObject
}

/** `/api/chat`: in a message of its own. */
export const inMessage: SaidForm = {
  write: ({ content, thinking, calls }) => ({
    message: present({ role: 'assistant', content, thinking, tool_calls: calls }),
  }),
  read: (line) => asObject(line.message),
  name: 'message',
  last: {},
}
