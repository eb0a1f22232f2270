import { useLocation } from 'preact-iso'

type Members = Readonly<Record<string, string>>

/**
 * What stands in the page's query, and what changes it. A member set to the empty text leaves it. A change makes no step in
 * the history, so that typing a filter does not have to be undone letter by letter.
 */
export function useQuery(): readonly [Partial<Members>, (change: Members) => void] {
  const { query, path, route } = useLocation()
  const change = (members: Members): void => {
    // Of the address as it is now: two changes may come before the page is drawn again.
    const next = new URLSearchParams(window.location.search)
    for (const [name, value] of Object.entries(members)) {
      if (value === '') next.delete(name)
      else next.set(name, value)
    }
    const text = next.toString()
    route(text === '' ? path : `${path}?${text}`, true)
  }
  return [query, change]
}
