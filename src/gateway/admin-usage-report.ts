import { z } from 'zod'
import type { Json } from '../chat/types.ts'
import { answerUsage, readUsageQuestion } from '../routing/usage-question.ts'
import { readQuery } from './admin-reads.ts'
import { noStore, sendJson } from './respond.ts'
import type { Handler } from './route.ts'

/** GET /admin/usage/report?since&until&by&reference, in the words of `switchyard usage`: the shape of its `--json`. */
export const adminUsageReport: Handler = async ({ request, response, context }) => {
  const question = readUsageQuestion(readQuery(wordsSchema, request), context.now())
  const { core } = context
  const report = await answerUsage(
    { usage: (query) => core.usage(query), listing: () => core.listing() },
    question,
  )
  sendJson(response, 200, report as unknown as Json, [...noStore, ...context.headers])
}

const word = z.string().max(200).optional()
const wordsSchema = z.strictObject({ since: word, until: word, by: word, reference: word })
