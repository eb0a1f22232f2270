import type { FunctionComponent } from 'preact'
import { ClientsPage } from './clients/clients.tsx'
import { HealthPage } from './health/health.tsx'
import { KeysPage } from './keys/keys.tsx'
import { ModelsPage } from './models/models.tsx'
import { NowPage } from './now/now.tsx'
import { PlaygroundPage } from './playground/playground.tsx'
import { RequestsPage } from './requests/requests.tsx'
import { UsagePage } from './usage/usage.tsx'

/** Every page, in the order of the navigation. */
export const pages: readonly {
  /** Below `/dashboard`. */
  readonly path: string
  readonly title: string
  readonly component: FunctionComponent
}[] = [
  { path: '/', title: 'Now', component: NowPage },
  { path: '/requests', title: 'Requests', component: RequestsPage },
  { path: '/usage', title: 'Usage', component: UsagePage },
  { path: '/models', title: 'Models', component: ModelsPage },
  { path: '/keys', title: 'Keys', component: KeysPage },
  { path: '/clients', title: 'Clients', component: ClientsPage },
  { path: '/health', title: 'Health', component: HealthPage },
  { path: '/playground', title: 'Playground', component: PlaygroundPage },
]
