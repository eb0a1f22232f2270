import { isRecord, readNumber, readString, type Json } from '../json.ts'

const typesByStatus: Readonly<Record<number, string>> = {
  400: 'invalid_request',
  401: 'authentication',
  402: 'payment_required',
  403: 'permission_denied',
  404: 'not_found',
  408: 'timeout',
  412: 'precondition_failed',
  413: 'payload_too_large',
  422: 'unprocessable',
  429: 'rate_limit_exceeded',
  502: 'provider_unavailable',
  503: 'provider_overloaded',
  504: 'timeout',
  524: 'timeout',
  529: 'provider_overloaded',
}

/** OpenRouter's own name for a kind of error, the same in every API (https://openrouter.ai/docs/api_reference/errors-and-debugging). */
export function errorTypeOf(error: Json): string {
  const { metadata } = error
  const stated = isRecord(metadata) ? readString(metadata['error_type']) : undefined
  return stated ?? typesByStatus[readNumber(error['code']) ?? 0] ?? 'server'
}

const anthropicTypes: Readonly<Record<string, string>> = {
  authentication: 'authentication_error',
  permission_denied: 'permission_error',
  payment_required: 'billing_error',
  not_found: 'not_found_error',
  rate_limit_exceeded: 'rate_limit_error',
  provider_overloaded: 'overloaded_error',
  timeout: 'timeout_error',
  provider_unavailable: 'api_error',
  server: 'api_error',
}

/** The word Anthropic's API has for it. */
export function anthropicTypeOf(errorType: string): string {
  return anthropicTypes[errorType] ?? 'invalid_request_error'
}

const responsesCodes: Readonly<Record<string, string>> = {
  rate_limit_exceeded: 'rate_limit_exceeded',
  invalid_request: 'invalid_prompt',
}

/** The code the Responses API has for it; most kinds fall together there. */
export function responsesCodeOf(errorType: string): string {
  return responsesCodes[errorType] ?? 'server_error'
}
