/** Reads a colour of the style sheet as it is now. A canvas knows nothing of custom properties, nor of `light-dark`. */
export function colours(host: HTMLElement): (token: string) => string {
  const probe = document.createElement('span')
  probe.hidden = true
  host.append(probe)
  return (token) => {
    probe.style.color = `var(${token})`
    return getComputedStyle(probe).color
  }
}

/** Hears of the theme's change, by the reader or by the system. The answer ends that. */
export function onThemeChange(listener: () => void): () => void {
  const chosen = new MutationObserver(listener)
  chosen.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] })
  const system = window.matchMedia('(prefers-color-scheme: dark)')
  system.addEventListener('change', listener)
  return () => {
    chosen.disconnect()
    system.removeEventListener('change', listener)
  }
}
