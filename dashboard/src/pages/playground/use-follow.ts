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
      // Up by however little is away from the end, unless the page has only become shorter.
      if (window.scrollY < before && distance() > 1) following.current = false
      else if (distance() <= endPixels) following.current = true
      before = window.scrollY
      setAway(!following.current)
    }
    // Text that comes before the page has moved would take back the turn of the wheel.
    const turn = ({ deltaY }: WheelEvent): void => {
      if (deltaY < 0 && window.scrollY > 0) following.current = false
    }
    window.addEventListener('scroll', look, { passive: true })
    window.addEventListener('wheel', turn, { passive: true })
    return () => {
      window.removeEventListener('scroll', look)
      window.removeEventListener('wheel', turn)
    }
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
