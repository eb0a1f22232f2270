import { useLocation } from 'preact-iso'
import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import { useLive } from '../api/live.tsx'
import { pages } from '../pages/index.tsx'
import { applyTheme, storedTheme, type Theme } from './theme.ts'

/** The way between the pages; on a narrow screen it scrolls sideways, to where one is. */
export function Navigation({ onLeave }: { readonly onLeave: () => Promise<void> }) {
  const { path } = useLocation()
  const { connected } = useLive()
  const links = useRef<HTMLElement>(null)
  useLayoutEffect(() => {
    const current = links.current?.querySelector('[aria-current]')
    current?.scrollIntoView({ block: 'nearest', inline: 'center' })
  }, [path])
  return (
    <header class="shell-head">
      <a class="brand" href="/dashboard/">
        <img src="/dashboard/icon.svg" alt="" width="24" height="24" />
        Switchyard
      </a>
      <nav aria-label="Pages" ref={links}>
        <ul>
          {pages.map(({ path: to, title }) => (
            <li key={to}>
              <a href={`/dashboard${to}`} {...(isHere(path, to) ? { 'aria-current': 'page' } : {})}>
                {title}
              </a>
            </li>
          ))}
        </ul>
      </nav>
      <div class="shell-tools">
        <span class={`live ${connected ? 'live-on' : 'live-off'}`} role="status">
          {connected ? 'live' : 'not connected'}
        </span>
        <ThemeChoice />
        <button type="button" class="button button-plain button-small" onClick={() => void onLeave()}>
          Log out
        </button>
      </div>
    </header>
  )
}

function ThemeChoice() {
  const [theme, setTheme] = useState<Theme>(storedTheme)
  return (
    <select
      class="theme-choice"
      aria-label="Theme"
      value={theme}
      onChange={(event) => {
        const chosen = event.currentTarget.value as Theme
        applyTheme(chosen)
        setTheme(chosen)
      }}
    >
      <option value="system">System</option>
      <option value="light">Light</option>
      <option value="dark">Dark</option>
    </select>
  )
}

function isHere(path: string, to: string): boolean {
  const here = path.replace(/^\/dashboard/, '').replace(/\/$/, '')
  return to === '/' ? here === '' : here === to || here.startsWith(`${to}/`)
}
