import type { KeyStatus, ProviderStatus } from '../routing/status.ts'
import { windowEnd, windowStart } from '../limits/window.ts'
import type { Condition } from './changes.ts'
import { differences, fullCeilings } from './money-conditions.ts'
import { type Outlook, quoted } from './outlook.ts'
import { forecastPools, spentPools } from './pool-conditions.ts'
import { shownLength, shownTime } from './times.ts'

/** One cut connection is no outage; three failures without an answer in between are. */
const downAfter = 3
const longRestMs = 300_000

/** Everything that is so now and worth a message. Pure: the same outlook gives the same conditions. */
export function conditionsOf(outlook: Outlook): readonly Condition[] {
  return [
    ...outlook.status.providers.flatMap((provider) => [
      ...down(provider, outlook),
      ...deadKeys(provider, outlook),
      ...paidLane(provider, outlook),
      ...drifted(provider),
    ]),
    ...spentPools(outlook),
    ...forecastPools(outlook),
    ...fullCeilings(outlook),
    ...differences(outlook),
  ]
}

/** Until a call succeeds, not until the rest is over: a rest that ends proves nothing. */
function down(provider: ProviderStatus, { now, told, tastes }: Outlook): Condition[] {
  const { name, title, trouble, cooldown } = provider
  const subject = `provider/${name}`
  const restsUntil = Date.parse(cooldown?.until ?? '')
  const longRest = cooldown !== undefined && (told.has(subject) || !(restsUntil - now < longRestMs))
  if ((trouble?.times ?? 0) < downAfter && !longRest) return []
  const why = quoted(cooldown?.why ?? trouble?.why ?? 'no reason was given')
  const next = Number.isNaN(restsUntil)
    ? 'It is tried again with the next request.'
    : `It is tried again ${shownTime(restsUntil, tastes.zone)}, in ${shownLength(restsUntil - now)}.`
  return [
    {
      subject,
      kind: 'provider-down',
      words: {
        title: `${title} does not answer`,
        lines: [
          `The last failure: ${why}.`,
          `${next} Requests go to other providers meanwhile, if there are any.`,
          "If it lasts: look at the service's status page and at this machine's network.",
        ],
      },
      ...(Number.isNaN(restsUntil) ? {} : { until: restsUntil }),
      over: {
        kind: 'provider-up',
        words: { title: `${title} is used again`, lines: ['Nothing to do.'] },
      },
    },
  ]
}

function deadKeys(provider: ProviderStatus, { tastes }: Outlook): Condition[] {
  const keys = provider.accounts.flatMap((account) => account.keys)
  return keys.filter(isDead).map(({ name, masked, cooldown, trouble }): Condition => {
    const left = keys.filter((key) => !isDead(key)).length
    const until = Date.parse(cooldown?.until ?? '')
    const next =
      cooldown?.until === 'released'
        ? `It is not called any more until you say so: put a new secret under the same name and restart, or "switchyard keys release ${name}".`
        : `It is tried again ${Number.isNaN(until) ? 'with the next requests' : shownTime(until, tastes.zone)}. If the key was revoked, replace it.`
    return {
      subject: `key/${provider.name}/${name}`,
      kind: 'key-dead',
      words: {
        title: `${provider.title} refuses the key ${name}`,
        lines: [
          `${name} (${masked}): ${quoted(cooldown?.why ?? trouble?.why ?? '')}`,
          left === 0
            ? `No other key of ${provider.title} works: nothing is called there.`
            : `${left} other ${left === 1 ? 'key goes' : 'keys go'} on.`,
          next,
        ],
      },
      ...(Number.isNaN(until) ? {} : { until }),
      over: {
        kind: 'key-back',
        words: { title: `${provider.title}: the key ${name} is used again`, lines: ['Nothing to do.'] },
      },
    }
  })
}

/** Also after its rest, until a call with it succeeds. */
function isDead({ cooldown, trouble }: KeyStatus): boolean {
  return cooldown?.kind === 'credential' || (cooldown === undefined && trouble?.kind === 'credential')
}

/** Once a UTC day and provider: the services' free quota begins anew with that day. */
function paidLane(provider: ProviderStatus, { now, status }: Outlook): Condition[] {
  const { name, title, lane, paidAt } = provider
  const today = windowStart('day', now)
  if (paidAt === undefined || Date.parse(paidAt) < today) return []
  const free = status.providers.filter((each) => each.lane === 'free' && each.health !== 'no-keys')
  const resting = free.filter(({ health }) => health === 'resting').map((each) => each.title)
  const why =
    free.length === 0
      ? 'No provider of the free lane is configured.'
      : resting.length === free.length
        ? `The free lane rests (${resting.join(', ')}).`
        : 'The free lane was busy for a moment, or the request named a model that costs something.'
  const cost = lane === 'included' ? 'They are part of a plan.' : 'They cost money.'
  return [
    {
      subject: `paid/${name}/${new Date(today).toISOString().slice(0, 10)}`,
      kind: 'paid-lane',
      words: {
        title: `Calls to ${title} are not free now`,
        lines: [
          `The first one of this UTC day has been made. ${cost} ${why}`,
          'Ceilings ("policy.ceilings") bound what they may cost; "switchyard status" shows what they have.',
        ],
      },
      keepUntil: windowEnd('day', now),
    },
  ]
}

function drifted({ name, title, drift }: ProviderStatus): Condition[] {
  return drift.map(({ model, change }): Condition => {
    const shown = quoted(model)
    return {
      subject: `model/${name}/${model}`,
      kind: change === 'priced' ? 'model-priced' : 'model-gone',
      // Gone, then back with a price, is a second piece of news.
      level: change === 'priced' ? 2 : 1,
      words: {
        title: change === 'priced' ? `${title}: ${shown} has a price now` : `${title}: ${shown} is gone`,
        lines: [
          'It was free. It is not called any more, and nothing takes its place for those who name it.',
          'Requests for "auto" go on with other free models. Who names it has to name another one.',
        ],
      },
      over: {
        kind: 'model-free',
        words: { title: `${title}: ${shown} is free again`, lines: ['It is called again.'] },
      },
    }
  })
}
