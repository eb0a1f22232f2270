import { render } from 'preact'
import { App } from './app.tsx'
import { applyTheme, storedTheme } from './shell/theme.ts'
import './style/tokens.css'
import './style/base.css'
import './style/parts.css'
import './style/shell.css'

applyTheme(storedTheme())
const root = document.querySelector('#app')
if (root !== null) render(<App />, root)
