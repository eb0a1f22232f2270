import type { JsonObject } from '../../chat/types.ts'
import type { WireError } from '../dialect.ts'

// The words OpenAI's clients switch on where ours differ (https://platform.openai.com/docs/guides/error-codes).
const words: Readonly<Record<string, { readonly type: string; readonly code: string }>> = {
  quota_exhausted: { type: 'rate_limit_error', code: 'rate_limit_exceeded' },
  insufficient_credits: { type: 'insufficient_quota', code: 'insufficient_quota' },
}

export function writeError(error: WireError): JsonObject {
  const { type, code } = words[error.code] ?? { type: typeOf(error.status), code: error.code }
  return {
    error: {
      message: error.message,
      type,
      param: error.param ?? null,
      code,
      ...(error.details === undefined ? {} : { metadata: error.details }),
    },
  }
}

/** Without `choices`: beside them, one widely used client takes an error for a quiet end. */
export function errorFrame(error: WireError): string {
  return `data: ${JSON.stringify(writeError(error))}\n\n`
}

function typeOf(status: number): string {
  if (status === 402) return 'insufficient_quota'
  if (status === 429) return 'rate_limit_error'
  return status >= 500 ? 'server_error' : 'invalid_request_error'
}
