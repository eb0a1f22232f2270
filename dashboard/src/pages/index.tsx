import type { FunctionComponent } from 'preact'
import { NowPage } from './now/now.tsx'
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
]
