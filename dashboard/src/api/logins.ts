import { createContext } from 'preact'
import { useContext } from 'preact/hooks'

/** How often this page was logged in. What was refused because the session had ended is asked again with each. */
export const Logins = createContext(0)

export function useLogins(): number {
  return useContext(Logins)
}
