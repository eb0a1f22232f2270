import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Browser, Locator, Page } from 'playwright-core'
import { dollars } from '../../src/ledger/price.ts'
import type { Status } from '../../src/routing/status.ts'
import { ask, openStand } from '../support/stand.ts'
import { openBrowser, openPage, tellStatus } from './browser.ts'
import { noKeys } from './no-keys.ts'

let browser: Browser
before(async () => (browser = await openBrowser()))
after(() => browser.close())

const rowOf = (page: Page, name: string): Locator =>
  page
    .locator('tbody tr')
    .filter({ has: page.locator('td:first-child > :first-child').getByText(name, { exact: true }) })

test('every key is there with the figures of the ledger, masked, and never whole', async () => {
  await using stand = await openStand()
  for (let index = 0; index < 3; index++) await stand.chat(ask('hi'))
  stand.simulator.addFault({ provider: 'ollama', kind: 'weekly-limit' })
  await stand.chat(ask('hi', { model: 'gpt-oss:120b' }))
  await using open = await openPage(browser, stand, '/keys')
  const { page } = open
  await page.getByText('Keys of one account share its quota').waitFor()
  await page.getByText('5 keys in 5 accounts').waitFor()
  const { providers } = await stand.core.status()
  const keys = providers.flatMap(({ accounts }) => accounts.flatMap((account) => account.keys))
  for (const { name, masked, today } of keys) {
    const cells = await rowOf(page, name).locator('td').allInnerTexts()
    assert.match(cells[0] ?? '', new RegExp(`^${name}\\s+${masked}`))
    assert.deepEqual(cells.slice(3, 7), [
      String(today.requests),
      String(today.failed),
      `${today.inputTokens}, ${today.outputTokens}`,
      dollars(today.usd * 1e9),
    ])
  }
  const spent = keys.find(({ today }) => today.failed > 0)
  assert.ok(spent)
  // Noon of a Monday; the week ends on the next one.
  await rowOf(page, spent.name)
    .getByText(/^Its account rests until 30 Nov 00:00 \(in 6d 12h\): .*weekly/i)
    .waitFor()
  const secrets = [...stand.simulator.keys.openrouter, ...stand.simulator.keys.ollama]
  const html = await page.content()
  assert.ok(secrets.length === 5 && secrets.every((secret) => !html.includes(secret)))
})

test('a key that is disabled takes no call until it is enabled; a released one takes calls at once', async () => {
  await using stand = await openStand()
  await using open = await openPage(browser, stand, '/keys')
  const { page } = open
  const usedBy = async (body = {}): Promise<string | undefined> => {
    await (await stand.chat(ask('hi', body))).text()
    return (await stand.core.attempts({ limit: 1 })).attempts[0]?.key
  }
  const first = 'OPENROUTER_API_KEY_1'
  assert.equal(await usedBy(), first)
  await page.getByRole('button', { name: `Disable ${first}` }).click()
  await rowOf(page, first).getByText('disabled', { exact: true }).waitFor()
  assert.equal(await usedBy(), 'OPENROUTER_API_KEY_2')
  await page.getByLabel('State').selectOption('disabled')
  assert.equal(new URL(page.url()).search, '?state=disabled')
  await page.getByText('1 of 5 keys in 1 account').waitFor()
  await page.getByRole('button', { name: `Enable ${first}` }).click()
  await page.getByText('No key is like that.').waitFor()
  await page.getByRole('button', { name: 'Show all' }).click()
  await rowOf(page, first).getByText('ready', { exact: true }).waitFor()
  assert.equal(await usedBy(), first)

  stand.simulator.addFault({ provider: 'ollama', kind: 'weekly-limit' })
  assert.equal(await usedBy({ model: 'gpt-oss:120b' }), 'OLLAMA_API_KEY_2')
  const resting = rowOf(page, 'OLLAMA_API_KEY_1')
  await resting.getByText('resting', { exact: true }).waitFor()
  await page.getByRole('button', { name: 'Release OLLAMA_API_KEY_1' }).click()
  await resting.getByText('ready', { exact: true }).waitFor()
  const { accounts = [] } = (await stand.core.status()).providers[1] ?? {}
  assert.ok(accounts.every(({ cooldowns }) => cooldowns.length === 0))
})

test('a test says what the services say, what keys of one account are worth, and calls nothing', async () => {
  await using stand = await openStand({
    simulator: {
      openrouter: { accounts: [{ keys: ['sk-or-v1-one-0123456789', 'sk-or-v1-two-0123456789'] }] },
    },
    environment: { OPENROUTER_API_KEY_9: 'sk-or-v1-wrong-0123456789' },
  })
  await using open = await openPage(browser, stand, '/keys?provider=openrouter')
  const { page } = open
  await page.getByText('shared by 2 keys').first().waitFor()
  await page.getByRole('button', { name: 'Test these 3' }).click()
  await page.getByText('3 keys asked: 2 accepted, 1 refused').waitFor()
  await page
    .getByText(
      '2 keys, 1 account: 50 free requests a day, not 100 (OPENROUTER_API_KEY_1, OPENROUTER_API_KEY_2)',
    )
    .waitFor()
  await rowOf(page, 'OPENROUTER_API_KEY_1')
    .getByText(/^Test: accepted 0 of 50 free used today, \d+ ms$/)
    .waitFor()
  await rowOf(page, 'OPENROUTER_API_KEY_9').getByText('Test: refused OpenRouter answered 401').waitFor()
  await page.getByLabel('Provider').selectOption('')
  await page.getByRole('button', { name: 'Test OLLAMA_API_KEY_2' }).click()
  await page.getByText('1 key asked: 1 accepted').waitFor()
  const { openrouter, ollama } = stand.simulator.counters()
  assert.equal(openrouter.calls + ollama.calls, 0)
  assert.deepEqual((await stand.core.attempts({ limit: 10 })).attempts, [])
})

test('ten thousand keys can be filtered, and only some of them are drawn', async () => {
  await using stand = await openStand()
  const status = await stand.core.status()
  const many: Status = { ...status, providers: status.providers.map(manyKeys) }
  await using open = await openPage(browser, stand, '/keys')
  const { page } = open
  await tellStatus(page, many)
  await page.reload()
  await page.getByText('10,000 keys in 2,500 accounts').waitFor()
  assert.equal(await page.locator('tbody tr').count(), 100)
  await page.getByText('and 9,900 more').waitFor()
  await page.getByLabel('Key or account holds').fill('key-1 4999')
  await page.getByText('1 of 10,000 keys in 1 account').waitFor()
  assert.equal(await page.locator('tbody tr').count(), 1)
  await rowOf(page, 'key-1-4999').waitFor()
})

/** Five thousand keys, four to an account. */
function manyKeys(provider: Status['providers'][number], index = 0): Status['providers'][number] {
  const [account] = provider.accounts
  const [key] = account?.keys ?? []
  assert.ok(account && key)
  const half = 1250
  return {
    ...provider,
    accounts: Array.from({ length: half }, (_, at) => ({
      ...account,
      id: `account-${index}-${at}`,
      keys: [0, 1, 2, 3].map((each) => ({ ...key, name: `key-${index}-${at * 4 + each}` })),
    })),
  }
}

test('without a key the page says how to add one', async () => {
  await using stand = await openStand({ environment: noKeys })
  await using open = await openPage(browser, stand, '/keys')
  await open.page.getByText('There is no key yet.').waitFor()
  await open.page.getByText('switchyard keys add').waitFor()
})
