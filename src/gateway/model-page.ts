import { RequestError } from '../errors.ts'

const mostPerPage = 1000

export interface Page<Entry> {
  readonly data: readonly Entry[]
  /** Whether there are further ones in the direction that was asked for. */
  readonly hasMore: boolean
}

/**
 * Cuts a list the way Anthropic's clients page through it (https://platform.claude.com/docs/en/api/models-list); without
 * a limit it stays whole. Throws RequestError for a limit out of range and for an id that the list does not hold.
 */
export function pageOf<Entry extends { readonly id: string }>(
  all: readonly Entry[],
  query: URLSearchParams,
): Page<Entry> {
  const limit = readLimit(query.get('limit'))
  const after = query.get('after_id')
  const before = query.get('before_id')
  if (after === null && before !== null) {
    const end = indexOf(all, before, 'before_id')
    const start = Math.max(0, end - limit)
    return { data: all.slice(start, end), hasMore: start > 0 }
  }
  const start = after === null ? 0 : indexOf(all, after, 'after_id') + 1
  return { data: all.slice(start, start + limit), hasMore: start + limit < all.length }
}

function readLimit(text: string | null): number {
  if (text === null) return Infinity
  const limit = /^\d{1,4}$/.test(text) ? Number(text) : 0
  if (limit >= 1 && limit <= mostPerPage) return limit
  throw new RequestError('invalid_request', `'limit' must be a number from 1 to ${mostPerPage}`, 'limit')
}

function indexOf(all: readonly { readonly id: string }[], id: string, param: string): number {
  const at = all.findIndex((entry) => entry.id === id)
  if (at !== -1) return at
  throw new RequestError('invalid_request', `'${param}' must be the id of a listed model`, param)
}
