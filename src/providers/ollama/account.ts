import type { Json } from '../../chat/types.ts'
import { readObject, readText } from '../bodies.ts'
import type { AccountNews, Fetcher } from '../provider.ts'

/**
 * Reads whose key it is from `POST /api/me` (github.com/ollama/ollama, api/client.go `Whoami`). The name is the one that
 * limit refusals carry. The call is undocumented and local servers lack it, so its failure only means that nothing is
 * known.
 */
export async function account(get: Fetcher): Promise<AccountNews> {
  const user = readObject(await get('/api/me', {}).catch((): Json => null)) ?? {}
  const name = readText(user['name']) ?? readText(user['id'])
  return { ...(name !== undefined && { account: name }), limits: [] }
}
