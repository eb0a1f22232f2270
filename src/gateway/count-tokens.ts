import { checkCount } from '../dialects/anthropic/check.ts'
import { countTokens } from '../dialects/anthropic/count-tokens.ts'
import type { JsonObject } from '../chat/types.ts'
import { RequestError } from '../errors.ts'
import { parseBody } from '../relay/json-body.ts'
import { readJsonBody } from './body.ts'
import { sendJson } from './respond.ts'
import type { Handler } from './route.ts'

/**
 * POST /v1/messages/count_tokens: an estimate by the size of the request, since no upstream counts for nothing. A header
 * says that it is one.
 */
export const countMessageTokens: Handler = async ({ request, response, context }) => {
  const body = parseBody(await readJsonBody(request, context.maxBodyBytes))
  const problem = checkCount(body)
  if (problem !== undefined) throw new RequestError('invalid_request', problem.message, problem.param)
  const headers = ['x-switchyard-estimated', '1', ...context.headers]
  sendJson(response, 200, { input_tokens: countTokens(body as JsonObject) }, headers)
}
