import type { Dialect } from '../dialects/dialect.ts'
import { dialectNamed } from '../dialects/index.ts'

/** The shape of the errors below a path: whoever asks there reads no other. */
export function errorDialect(target: string): Dialect {
  const native = target.startsWith('/api/') && !target.startsWith('/api/v1/')
  return dialectNamed(native ? 'ollama' : 'openai-chat')
}
