/** Sums that stand on top of each other in a chart, one for each bucket of time. */
export interface Stack {
  readonly name: string
  readonly values: readonly number[]
  /** Has no colour of its own. */
  readonly isRest?: boolean
}

/** Each stack with what stands below it: its upper edge, bucket by bucket. */
export function edgesOf(stacks: readonly Stack[], buckets: number): number[][] {
  let below = Array.from({ length: buckets }, () => 0)
  return stacks.map(({ values }) => {
    below = below.map((sum, index) => sum + (values[index] ?? 0))
    return below
  })
}
