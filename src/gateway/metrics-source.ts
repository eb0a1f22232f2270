import type { RouterCore } from '../routing/core.ts'

/** Who puts the router's figures into words for a scraper. */
export interface MetricsSource {
  exposition(
    core: RouterCore,
    accept: string,
  ): Promise<{ readonly contentType: string; readonly text: string }>
}
