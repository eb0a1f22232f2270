import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'

// Fractions of a pixel and a line that has just begun do not count as away from the end.
const endPixels = 24

/**
 * Keeps the end of the page in view while it grows, until the reader scrolls up, and again once the end is reached.
 * `turns` are what it grows by.
 */
export function useFollow(turns: readonly unknown[]): { readonly away: boolean; toEnd(): void } {
  const following = useRef(true)
  const [away, setAway] = useState(false)
  useEffect(() => {
    let before = window.scrollY
    const look = (): void => {
      const isAtEnd = distance() <= endPixels
      if (isAtEnd) following.current = true
      else if (window.scrollY < before) following.current = false
      before = window.scrollY
      setAway(!isAtEnd)
    }
    window.addEventListener('scroll', look, { passive: true })
    return () => window.removeEventListener('scroll', look)
  }, [])
  useLayoutEffect(() => {
    if (following.current && turns.length > 0) scrollToEnd()
  }, [turns])
  const toEnd = (): void => {
    following.current = true
    scrollToEnd()
  }
  return { away, toEnd }
}

/** Pixels below what is in view. */
function distance(): number {
  return document.documentElement.scrollHeight - window.innerHeight - window.scrollY
}

function scrollToEnd(): void {
  window.scrollTo({ top: document.documentElement.scrollHeight, behavior: 'instant' })
}
