import { isTold, type Settings } from '../../api/settings.ts'
import type { ProviderStatus, Status } from '../../api/types.ts'

/** One thing that is not as it should be, in the words of `switchyard doctor`. */
export interface Finding {
  /** What was looked at, e.g. `keys`. */
  readonly check: string
  /** `error`: something does not work; `warning`: it works, but not as one would think. */
  readonly level: 'warning' | 'error'
  readonly what: string
  /** What to do. */
  readonly fix: string
}

// There may be thousands of keys that are set aside.
const mostNames = 20
const loopbackHosts: readonly string[] = ['127.0.0.1', 'localhost', '[::1]']

/** Everything that a running gateway knows of itself and that somebody should look at, errors first. */
export function findingsOf(status: Status, settings: Settings | undefined): readonly Finding[] {
  const found = [
    ...ledgerFindings(status),
    ...keyFindings(status),
    ...status.providers.flatMap(providerFindings),
    ...(settings === undefined ? [] : settingFindings(settings)),
  ]
  return [
    ...found.filter(({ level }) => level === 'error'),
    ...found.filter(({ level }) => level === 'warning'),
  ]
}

function ledgerFindings({ ledger }: Status): readonly Finding[] {
  if (ledger.problem === undefined) return []
  return [
    {
      check: 'ledger',
      level: 'error',
      what: `rows cannot be written (${ledger.unwritten} wait): ${ledger.problem}`,
      fix: 'look at the disk and the rights of the ledger file; rows that wait are written by themselves once it takes them again',
    },
  ]
}

function keyFindings({ providers }: Status): readonly Finding[] {
  const keys = providers.flatMap(({ accounts }) => accounts.flatMap((account) => account.keys))
  const stuck = keys.filter(({ cooldown }) => cooldown?.until === 'released')
  const disabled = keys.filter((key) => key.disabled).map(({ name }) => name)
  const none: Finding = {
    check: 'keys',
    level: 'error',
    what: 'there are none',
    fix: 'switchyard init, or switchyard keys add; without keys, switchyard start plays a sandbox',
  }
  const aside: Finding = {
    check: 'keys',
    level: 'warning',
    what: `${disabled.length} ${disabled.length === 1 ? 'key' : 'keys'} disabled by hand: ${namesText(disabled)}`,
    fix: 'switchyard keys enable NAME takes one back',
  }
  return [
    ...(keys.length === 0 ? [none] : []),
    ...stuck.map(({ name, cooldown }): Finding => ({
      check: 'keys',
      level: 'error',
      what: `${name} rests until released by hand: ${cooldown?.why ?? ''}`,
      fix: `when it is mended: switchyard keys release ${name}`,
    })),
    ...(disabled.length === 0 ? [] : [aside]),
  ]
}

function providerFindings({ title, accounts, cooldown, models, drift }: ProviderStatus): readonly Finding[] {
  if (accounts.length === 0) return []
  const resting: Finding = {
    check: 'reach',
    level: 'warning',
    what: `${title} rests as a whole: ${cooldown?.why ?? ''}`,
    fix: 'it is called again by itself; switchyard plan auto shows who takes its requests until then',
  }
  const unread: Finding = {
    check: 'models',
    level: 'warning',
    what: `${title}: its list of models has not been read yet`,
    fix: 'it is read again by itself; if that lasts, check network, proxy and base URL; switchyard config check',
  }
  return [
    ...(cooldown === undefined ? [] : [resting]),
    ...(models === undefined ? [unread] : []),
    ...drift.map(({ model, change }): Finding => ({
      check: 'models',
      level: 'warning',
      what: `${title}: the free model ${model} ${change === 'gone' ? 'is gone' : 'has a price now'}`,
      fix: 'clients that ask for it get an error; switchyard models --free shows others',
    })),
  ]
}

function settingFindings(settings: Settings): readonly Finding[] {
  const { address } = settings
  const { providers, notes } = isTold(settings) ? settings : { providers: [], notes: [] }
  const host = hostOf(address)
  const exposed: Finding = {
    check: 'exposure',
    level: 'warning',
    what: `the gateway listens on ${host}: other machines reach it, with plain HTTP`,
    fix: 'put it behind a reverse proxy with TLS, or keep SWITCHYARD_HOST=127.0.0.1',
  }
  return [
    ...(host === undefined || loopbackHosts.includes(host) ? [] : [exposed]),
    ...providers
      .filter(({ baseUrl, keys }) => keys > 0 && isOpenToReaders(baseUrl))
      .map(({ title }): Finding => ({
        check: 'exposure',
        level: 'error',
        what: `keys of ${title} travel unencrypted`,
        fix: 'use an https base URL',
      })),
    ...notes.map((what): Finding => ({
      check: 'config',
      level: 'warning',
      what,
      fix: 'see docs/reference/configuration.md',
    })),
  ]
}

function namesText(names: readonly string[]): string {
  const shown = names.slice(0, mostNames).join(', ')
  return names.length <= mostNames ? shown : `${shown} and ${names.length - mostNames} more`
}

function isOpenToReaders(baseUrl: string): boolean {
  const host = hostOf(baseUrl)
  return (
    baseUrl.startsWith('http:') && host !== undefined && !/^(localhost|127(\.\d+){3}|\[::1\])$/.test(host)
  )
}

function hostOf(address: string): string | undefined {
  return URL.canParse(address) ? new URL(address).hostname : undefined
}
