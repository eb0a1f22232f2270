import type { Capability } from '../../chat/types.ts'
import { ConfigError } from '../../errors.ts'
import { hasKeys } from '../../config/load.ts'
import type { Listing, PricedModel } from '../../routing/listing.ts'
import { type Local, openLocal } from '../local.ts'
import { readNeeds, shortNames } from '../needs.ts'
import { cleaned } from '../printable.ts'
import { withProgress } from '../terminal/progress.ts'
import { table } from '../terminal/table.ts'
import { type View, viewOf } from '../terminal/view.ts'
import { Upstreams } from '../upstreams.ts'

export interface ModelsFlags {
  readonly free?: boolean
  readonly provider?: string
  /** Capabilities, separated by commas. */
  readonly needs?: string
  readonly json?: boolean
}

/** `switchyard models [words]`: what can be called now, read live. */
export async function showModels(words: readonly string[], flags: ModelsFlags): Promise<void> {
  const needs = readNeeds(flags.needs)
  const { listing, failed } = await withProgress('Reading the model lists', readListing(openLocal()))
  for (const title of failed) console.error(`switchyard: the model list of ${title} could not be read`)
  const found = cleaned(listing.models.filter((model) => fits(model, words, flags, needs)))
  if (flags.json === true) {
    console.log(JSON.stringify(found.map(toJson), undefined, 2))
    return
  }
  console.log(renderModels(found, listing.models.length, viewOf()))
}

/** From the running gateway, else from the services themselves. */
export async function readListing(
  local: Local,
): Promise<{ readonly listing: Listing; readonly failed: readonly string[] }> {
  const live = await local.ask<Listing>('/admin/models')
  if (live !== undefined) return { listing: live, failed: [] }
  if (!hasKeys(local.loaded.providers))
    throw new ConfigError(
      `no gateway answers at ${local.url}, and there are no keys to read model lists with. Try it without keys: switchyard start`,
    )
  await using upstreams = new Upstreams(local.loaded)
  return await upstreams.readListing()
}

function fits(
  model: PricedModel,
  words: readonly string[],
  flags: ModelsFlags,
  needs: readonly Capability[],
): boolean {
  const id = model.id.toLowerCase()
  return (
    words.every((word) => id.includes(word.toLowerCase())) &&
    (flags.free !== true || model.free) &&
    (flags.provider === undefined || model.provider === flags.provider) &&
    needs.every((need) => model.capabilities?.includes(need))
  )
}

/** Lines for people: free models first, then by provider and name. */
export function renderModels(models: readonly PricedModel[], of: number, view: View): string {
  const { paint } = view
  const sorted = models.toSorted(
    (left, right) =>
      Number(right.free) - Number(left.free) ||
      left.provider.localeCompare(right.provider) ||
      left.id.localeCompare(right.id),
  )
  const narrow = view.width < 100
  const lines = table(
    [
      { title: 'MODEL' },
      { title: 'PROVIDER', least: 8 },
      { title: 'CONTEXT', align: 'right' },
      { title: '$/M IN, OUT', align: 'right' },
      { title: 'CAN', least: 4 },
    ],
    sorted.map((model) => [
      model.id,
      model.provider,
      model.contextTokens === undefined ? '?' : thousands(model.contextTokens),
      model.free ? paint.green('free') : priceOf(model),
      model.kind ??
        (narrow ? letters(model) : model.capabilities?.map((each) => shortNames[each]).join(' ')) ??
        '?',
    ]),
    view,
  )
  const [titles, ...rest] = lines
  const free = models.filter(({ free: costsNothing }) => costsNothing).length
  const legend = narrow ? '; CAN: t tools, i images, j json, T think' : ''
  const summary = `${models.length} of ${of} models, ${free} of them free${legend}`
  return [...(models.length === 0 ? [] : [paint.bold(titles ?? ''), ...rest, '']), paint.dim(summary)].join(
    '\n',
  )
}

const capabilityLetters: Readonly<Record<Capability, string>> = {
  tools: 't',
  images: 'i',
  'structured-output': 'j',
  reasoning: 'T',
}

/** In one order, with a point for what it cannot do. */
function letters({ capabilities }: PricedModel): string | undefined {
  if (capabilities === undefined) return undefined
  const all = Object.entries(capabilityLetters) as [Capability, string][]
  return all.map(([name, letter]) => (capabilities.includes(name) ? letter : '·')).join('')
}

function priceOf({ price, lane }: PricedModel): string {
  if (lane === 'included') return 'included'
  if (price === undefined) return '?'
  const perMillion = (nanoUsd: number): string => String(Number((nanoUsd / 1000).toPrecision(3)))
  return `${perMillion(price.input)}, ${perMillion(price.output)}`
}

function thousands(tokens: number): string {
  return tokens >= 1_000_000 ? `${Math.round(tokens / 100_000) / 10}M` : `${Math.round(tokens / 1024)}K`
}

function toJson(model: PricedModel): object {
  const { id, provider, lane, free, kind, contextTokens, capabilities, price, expiresAt } = model
  return {
    id,
    provider,
    lane,
    free,
    kind: kind ?? 'chat',
    contextTokens: contextTokens ?? null,
    capabilities: capabilities ?? null,
    price:
      price === undefined
        ? null
        : { inputUsdPerMillion: price.input / 1000, outputUsdPerMillion: price.output / 1000 },
    expiresAt: expiresAt === undefined ? null : new Date(expiresAt).toISOString(),
  }
}
