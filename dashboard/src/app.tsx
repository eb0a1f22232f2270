import { LocationProvider, Route, Router } from 'preact-iso'
import { LiveProvider } from './api/live.tsx'
import { Empty } from './parts/notice.tsx'
import { Page } from './parts/page.tsx'
import { pages } from './pages/index.tsx'
import { Navigation } from './shell/navigation.tsx'
import { Session } from './shell/session.tsx'

export function App() {
  return (
    <Session>
      {(leave) => (
        <LocationProvider scope="/dashboard">
          <LiveProvider>
            <a class="skip" href="#main">
              To the page
            </a>
            <Navigation onLeave={leave} />
            <main id="main">
              <Router>
                {pages.map(({ path, component }) => (
                  <Route
                    key={path}
                    path={path === '/' ? '/dashboard/' : `/dashboard${path}`}
                    component={component}
                  />
                ))}
                <Route default component={Nowhere} />
              </Router>
            </main>
          </LiveProvider>
        </LocationProvider>
      )}
    </Session>
  )
}

function Nowhere() {
  return (
    <Page title="Not found">
      <Empty title="There is no such page.">
        <a href="/dashboard/">To what goes on now</a>
      </Empty>
    </Page>
  )
}
