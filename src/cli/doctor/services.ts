import type { KeyCheck } from '../../routing/key-check.ts'
import type { ProviderSettings } from '../../routing/settings.ts'
import type { Status } from '../../routing/status.ts'
import { isOpenToReaders } from '../../routing/base-url.ts'
import { sharedAccounts } from '../keys/test-keys.ts'
import { counted } from '../terminal/table.ts'
import { type Finding, ok, problem, warning } from './finding.ts'

// The router counts in UTC minutes and days; a clock that is farther off counts calls in the wrong one.
const skewMs = 5_000

/** Keys one by one, then what they are together. `providers` says which accounts the operator knows of. */
export function checkServices(
  checks: readonly KeyCheck[],
  providers: readonly ProviderSettings[],
): readonly Finding[] {
  const keys = checks.map((check) => keyFinding(check))
  const declared = new Map(
    providers.flatMap(({ keys: own }) => own.map(({ name, account }) => [name, account] as const)),
  )
  const shared = sharedAccounts(checks).map(({ names, text }) => {
    const [first, ...others] = names.map((name) => declared.get(name))
    if (first !== undefined && others.every((account) => account === first)) return ok('accounts', text)
    return warning(
      'accounts',
      text,
      `this is counted right by itself; "account: NAME" beside these keys in the config file says that you know. Keys of another account would add quota`,
    )
  })
  return [...keys, ...shared, ...clockFindings(checks)]
}

function keyFinding({ provider, name, verdict, why = '', freeDay, status }: KeyCheck): Finding {
  const what = `${provider} ${name}`
  if (verdict === 'accepted') {
    const free =
      freeDay?.max === undefined ? '' : `, ${freeDay.used ?? 0} of ${freeDay.max} free requests used today`
    return ok('keys', `${what} is accepted${free}`)
  }
  if (verdict === 'refused')
    return problem(
      'keys',
      `${what} is refused (${status})`,
      `make a new key at the service and replace it, or: switchyard keys disable ${name}`,
    )
  if (verdict === 'unreachable')
    return problem('reach', `${what}: ${why}`, 'check network, proxy and base URL; switchyard config check')
  return warning('keys', `${what} could not be checked: ${why}`, 'try again later: switchyard keys test')
}

function clockFindings(checks: readonly KeyCheck[]): readonly Finding[] {
  const told = checks.flatMap(({ clockAheadMs }) => clockAheadMs ?? [])
  if (told.length === 0) return []
  const [ahead = 0] = told.toSorted((left, right) => Math.abs(left) - Math.abs(right))
  if (Math.abs(ahead) < skewMs) return [ok('clock', 'agrees with the clocks of the services')]
  const seconds = Math.round(Math.abs(ahead) / 1000)
  return [
    warning(
      'clock',
      `this machine is ${seconds} s ${ahead > 0 ? 'behind' : 'ahead of'} the services, so calls are counted in the wrong minute and day`,
      'turn on time synchronisation (timedatectl set-ntp true)',
    ),
  ]
}

/** Base URLs that would show keys to others. */
export function checkAddresses(providers: readonly ProviderSettings[]): readonly Finding[] {
  return providers
    .filter(
      ({ keys, baseUrl }) => isOpenToReaders(baseUrl) && keys.some(({ secret }) => secret !== undefined),
    )
    .map(({ provider }) =>
      problem('exposure', `keys of ${provider.title} travel unencrypted`, 'use an https base URL'),
    )
}

/** What the running gateway knows: drifted models and keys that rest until somebody acts. */
export function checkStatus(status: Status): readonly Finding[] {
  const drift = status.providers.flatMap(({ title, drift: changes }) =>
    changes.map(({ model, change }) =>
      warning(
        'models',
        `${title}: the free model ${model} ${change === 'gone' ? 'is gone' : 'has a price now'}`,
        'clients that ask for it get an error; switchyard models --free shows others',
      ),
    ),
  )
  const keys = status.providers.flatMap(({ accounts }) => accounts.flatMap((account) => account.keys))
  const stuck = keys
    .filter(({ cooldown }) => cooldown?.until === 'released')
    .map(({ name, cooldown }) =>
      problem(
        'keys',
        `${name} rests until released by hand: ${cooldown?.why ?? ''}`,
        `when it is mended: switchyard keys release ${name}`,
      ),
    )
  const disabled = keys.filter((key) => key.disabled).map(({ name }) => name)
  const aside =
    disabled.length === 0
      ? []
      : [
          warning(
            'keys',
            `${counted(disabled.length, 'key')} disabled by hand: ${disabled.join(', ')}`,
            'switchyard keys enable NAME takes one back',
          ),
        ]
  return [...stuck, ...aside, ...drift]
}
