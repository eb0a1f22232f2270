export type Theme = 'system' | 'light' | 'dark'

const name = 'switchyard-theme'

export function storedTheme(): Theme {
  const stored = window.localStorage.getItem(name)
  return stored === 'light' || stored === 'dark' ? stored : 'system'
}

/** Shows the page in a theme, and remembers it. */
export function applyTheme(theme: Theme): void {
  if (theme === 'system') delete document.documentElement.dataset['theme']
  else document.documentElement.dataset['theme'] = theme
  window.localStorage.setItem(name, theme)
}
