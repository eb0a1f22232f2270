import { inference } from '../inference.ts'
import type { Handler } from '../route.ts'

/** Under this name calls from the dashboard stand in the ledger. */
export const dashboardClient = 'dashboard'

const infer = inference('openai-chat')

/** POST /admin/chat: a chat completion for whoever has the admin key, without a client key. */
export const adminChat: Handler = (exchange) =>
  infer({ ...exchange, client: { name: dashboardClient, freeOnly: false } })
