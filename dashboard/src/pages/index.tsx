import type { FunctionComponent } from 'preact'
import { NowPage } from './now/now.tsx'

/** Every page, in the order of the navigation. */
export const pages: readonly {
  /** Below `/dashboard`. */
  readonly path: string
  readonly title: string
  readonly component: FunctionComponent
}[] = [{ path: '/', title: 'Now', component: NowPage }]
