import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import type { Browser, Locator, Page } from 'playwright-core'
import { dollars } from '../../src/ledger/price.ts'
import { adminKey, ask, openStand, type Stand } from '../support/stand.ts'
import { until } from '../support/probe.ts'
import { openBrowser, openPage } from './browser.ts'

let browser: Browser
before(async () => (browser = await openBrowser()))
after(() => browser.close())

const rowOf = (page: Page, name: string): Locator =>
  page.locator('tbody tr').filter({ has: page.getByText(name, { exact: true }) })

/** Fills in the form of a new client and returns its key, as the page shows it. */
async function add(page: Page, name: string, terms: { day?: string; month?: string; free?: boolean } = {}) {
  await page.getByRole('button', { name: 'Add a client' }).click()
  const form = page.getByRole('dialog', { name: 'Add a client' })
  await form.getByLabel('Name').fill(name)
  if (terms.free === true) await form.getByLabel('Only calls that cost nothing').check()
  await form.getByLabel('US dollars a day').fill(terms.day ?? '')
  await form.getByLabel('US dollars a month').fill(terms.month ?? '')
  await form.getByRole('button', { name: 'Add', exact: true }).click()
  return page.getByRole('dialog', { name: `The key of ${name}` })
}

const chatWith = (stand: Stand, key: string, model = 'gpt-oss:120b'): Promise<Response> =>
  stand.chat(ask('hi', { model, max_tokens: 500 }), { headers: { authorization: `Bearer ${key}` } })

async function adminClients(stand: Stand): Promise<readonly Record<string, unknown>[]> {
  const response = await fetch(`${stand.gateway.url}/admin/clients`, {
    headers: { authorization: `Bearer ${adminKey}` },
  })
  return ((await response.json()) as { clients: Record<string, unknown>[] }).clients
}

test('a new client gets a key that opens the gateway at once and is shown this once', async () => {
  await using stand = await openStand()
  await using open = await openPage(browser, stand, '/clients')
  const { page, context } = open
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  await page.getByText('No clients of your own yet.').waitFor()
  const shown = await add(page, 'bot', { free: true })
  await shown.getByText('It is shown this once, and not again.').waitFor()
  const key = await shown.getByLabel('Client key').inputValue()
  await shown.getByRole('button', { name: 'Copy' }).click()
  await shown.getByText('Copied.').waitFor()
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), key)
  assert.equal((await chatWith(stand, key, 'auto')).status, 200)
  // Free only: what costs something is refused.
  assert.ok((await chatWith(stand, key)).status >= 400)

  await page.keyboard.press('Escape')
  await shown.waitFor({ state: 'detached' })
  await rowOf(page, 'bot').getByText('free only').waitFor()
  const held = await page.evaluate(
    () =>
      document.documentElement.outerHTML +
      [...document.querySelectorAll('input')].map(({ value }) => value).join() +
      JSON.stringify([{ ...localStorage }, { ...sessionStorage }]),
  )
  assert.ok(!held.includes(key))
  await page.reload()
  await rowOf(page, 'bot').waitFor()
  assert.ok(!(await page.content()).includes(key))
  assert.match(readFileSync(`${stand.home}/switchyard.yaml`, 'utf8'), /name: bot/)
})

test('what a client spends stands beside its budget, and a new budget counts from the next request on', async () => {
  await using stand = await openStand()
  await using open = await openPage(browser, stand, '/clients')
  const { page } = open
  const shown = await add(page, 'desk', { day: '0.5', month: '2' })
  const key = await shown.getByLabel('Client key').inputValue()
  await shown.getByRole('button', { name: 'Close' }).click()
  for (let index = 0; index < 2; index++) assert.equal((await chatWith(stand, key)).status, 200)
  await page.reload()
  const row = rowOf(page, 'desk')
  const [client] = (await adminClients(stand)).filter(({ name }) => name === 'desk')
  const today = dollars(Number(client?.['spentTodayUsd']) * 1e9)
  assert.notEqual(today, '$0.00')
  await row.getByText(`${today} of $0.50`, { exact: true }).waitFor()
  await row.getByText(`${today} of $2.00`, { exact: true }).waitFor()
  assert.equal(await row.locator('td').nth(2).innerText(), '2')
  const gauge = page.getByRole('meter', { name: 'desk, spent today' })
  assert.equal(await gauge.getAttribute('aria-valuetext'), `${today} of $0.50`)
  const spending = (await stand.core.status()).spending.find(({ name }) => name === 'client desk, per day')
  assert.equal(Number(await gauge.getAttribute('aria-valuenow')), spending?.usd)

  await page.getByRole('button', { name: 'Change desk' }).click()
  const form = page.getByRole('dialog', { name: 'Change desk' })
  assert.equal(await form.getByLabel('US dollars a day').inputValue(), '0.5')
  await form.getByLabel('US dollars a day').fill('0.000001')
  await form.getByLabel('US dollars a month').fill('')
  await page.keyboard.press('Enter')
  await form.waitFor({ state: 'detached' })
  await row.getByText(`${today} of $0.000001`, { exact: true }).waitFor()
  await row.getByText(today, { exact: true }).waitFor()
  const refused = await chatWith(stand, key)
  assert.equal(refused.status, 402, await refused.text())
})

test('what the gateway refuses is said in its words, and what was typed stays', async () => {
  await using stand = await openStand()
  await using open = await openPage(browser, stand, '/clients')
  const { page } = open
  await (await add(page, 'bot')).getByRole('button', { name: 'Close' }).click()
  await add(page, 'bot', { day: '3' })
  const form = page.getByRole('dialog', { name: 'Add a client' })
  await form.getByRole('alert').getByText('there is a client named "bot" already').waitFor()
  assert.equal(await form.getByLabel('US dollars a day').inputValue(), '3')
  await form.getByRole('button', { name: 'Cancel' }).click()
  await form.waitFor({ state: 'detached' })
  // Those of the router itself cannot be changed.
  assert.equal(await rowOf(page, 'default').getByRole('button').count(), 0)
})

test('a client is revoked only once that was confirmed; then its key opens nothing', async () => {
  await using stand = await openStand()
  await using open = await openPage(browser, stand, '/clients')
  const { page } = open
  const shown = await add(page, 'bot')
  const key = await shown.getByLabel('Client key').inputValue()
  await shown.getByRole('button', { name: 'Close' }).click()
  const revoke = page.getByRole('button', { name: 'Revoke bot' })
  await revoke.click()
  const question = page.getByRole('dialog', { name: 'Revoke bot? Its key opens nothing from then on.' })
  await question.getByRole('button', { name: 'Cancel' }).click()
  await question.waitFor({ state: 'detached' })
  assert.equal((await chatWith(stand, key, 'auto')).status, 200)
  await revoke.click()
  await page.keyboard.press('Escape')
  await question.waitFor({ state: 'detached' })
  await revoke.click()
  await question.getByRole('button', { name: 'Revoke' }).click()
  await page.getByText('bot is revoked: its key opens nothing any more.').waitFor()
  await rowOf(page, 'bot').waitFor({ state: 'detached' })
  assert.equal((await chatWith(stand, key, 'auto')).status, 401)
  assert.ok((await adminClients(stand)).every(({ name }) => name !== 'bot'))
})

test('what is spent is not called held until the page asks again', async () => {
  await using stand = await openStand()
  await using open = await openPage(browser, stand, '/clients')
  const { page } = open
  const shown = await add(page, 'desk', { day: '0.5' })
  const key = await shown.getByLabel('Client key').inputValue()
  await page.clock.install()
  await page.reload()
  await rowOf(page, 'desk').getByText('$0.00 of $0.50').waitFor()
  assert.equal((await chatWith(stand, key)).status, 200)
  const [client] = (await adminClients(stand)).filter(({ name }) => name === 'desk')
  const spent = dollars(Number(client?.['spentTodayUsd']) * 1e9)
  // Long enough for the live status to tell of the call; only the page itself may not ask again by then.
  const held = rowOf(page, 'desk').getByText('held')
  const wasHeld = await held.waitFor({ timeout: 2500 }).then(
    () => true,
    () => false,
  )
  assert.equal(wasHeld, false)
  await page.clock.fastForward(10_000)
  await rowOf(page, 'desk').getByText(`${spent} of $0.50`).waitFor()
  assert.equal(await held.count(), 0)
})

test('a gateway that stays away is told of once, not with every round', async () => {
  await using stand = await openStand()
  await using open = await openPage(browser, stand, '/clients')
  const { page } = open
  await page.getByRole('region', { name: 'Clients' }).waitFor()
  await page.clock.install()
  await page.reload()
  await page.getByRole('region', { name: 'Clients' }).waitFor()
  let asked = 0
  await page.route('**/admin/clients', async (route) => {
    asked++
    await route.abort()
  })
  await page.clock.fastForward(10_000)
  const alert = await page.getByRole('alert').elementHandle()
  for (const rounds of [2, 3]) {
    await page.clock.fastForward(10_000)
    const isAsked = async (): Promise<boolean> => {
      await page.clock.runFor(100)
      return asked >= rounds
    }
    await until(isAsked, `round ${rounds}`)
  }
  assert.equal(await alert?.evaluate((notice) => notice.isConnected), true)
})

test('an answer that takes longer than a round is waited for', async () => {
  await using stand = await openStand()
  await using open = await openPage(browser, stand, '/')
  const { page } = open
  await page.clock.install()
  let asked = 0
  let answer = (): void => {}
  const answered = new Promise<void>((resolve) => (answer = resolve))
  await page.route('**/admin/clients', async (route) => {
    asked++
    await answered
    await route.continue().catch(() => {})
  })
  await page.locator('nav a[href="/dashboard/clients"]').click()
  await page.getByText('Asking for the clients').waitFor()
  for (let round = 0; round < 3; round++) await page.clock.fastForward(15_000)
  answer()
  await page.getByRole('region', { name: 'Clients' }).waitFor()
  assert.equal(asked, 1)
})
