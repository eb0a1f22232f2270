import type { Capability, PricedModel } from '../../api/types.ts'
import { capabilityWords } from './model-text.ts'

export type ModelOrder = '' | 'name' | 'price' | 'context'

/** Which models are shown, and in which order. */
export interface ModelFilter {
  readonly text: string
  readonly freeOnly: boolean
  readonly provider: string
  readonly needs: readonly Capability[]
  readonly order: ModelOrder
}

/** From the page's query; what it does not know is as if it were not there. */
export function filterOf(query: Partial<Readonly<Record<string, string>>>): ModelFilter {
  const words = (query['needs'] ?? '').split(',')
  const known = Object.entries(capabilityWords) as [Capability, string][]
  const order = query['sort']
  return {
    text: query['q'] ?? '',
    freeOnly: query['free'] === '1',
    provider: query['provider'] ?? '',
    needs: known.flatMap(([need, word]) => (words.includes(word) ? [need] : [])),
    order: order === 'name' || order === 'price' || order === 'context' ? order : '',
  }
}

/** The models that fit, as the command line would choose them: all words are in the name. */
export function chosen(models: readonly PricedModel[], filter: ModelFilter): readonly PricedModel[] {
  const words = filter.text.toLowerCase().split(/\s+/)
  return models
    .filter((model) => {
      const id = model.id.toLowerCase()
      return (
        words.every((word) => id.includes(word)) &&
        (!filter.freeOnly || model.free) &&
        (filter.provider === '' || model.provider === filter.provider) &&
        filter.needs.every((need) => model.capabilities?.includes(need))
      )
    })
    .toSorted(orders[filter.order])
}

type Compare = (left: PricedModel, right: PricedModel) => number

const byName: Compare = (left, right) =>
  left.id.localeCompare(right.id) || left.provider.localeCompare(right.provider)

const orders: Readonly<Record<ModelOrder, Compare>> = {
  '': (left, right) =>
    Number(right.free) - Number(left.free) ||
    left.provider.localeCompare(right.provider) ||
    left.id.localeCompare(right.id),
  name: byName,
  price: (left, right) => dearness(left) - dearness(right) || byName(left, right),
  context: (left, right) => (right.contextTokens ?? 0) - (left.contextTokens ?? 0) || byName(left, right),
}

// No service sells a token for a dollar: what only a plan pays for, and what nobody knows, come after all prices.
const includedRank = 1e9
const unknownRank = 2e9

function dearness({ free, lane, price }: PricedModel): number {
  if (free) return 0
  if (lane === 'included') return includedRank
  return price === undefined ? unknownRank : price.input + price.output
}
