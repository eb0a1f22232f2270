import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Browser } from 'playwright-core'
import { adminKey, ask, openStand } from '../support/stand.ts'
import { openBrowser, openPage } from './browser.ts'

let browser: Browser
before(async () => (browser = await openBrowser()))
after(() => browser.close())

test('what a request uses is seen within seconds, without a reload', async () => {
  await using stand = await openStand()
  await using open = await openPage(browser, stand)
  const { page } = open
  const gauge = page.getByRole('meter', { name: 'OPENROUTER_API_KEY_1: day' })
  assert.equal(await gauge.getAttribute('aria-valuetext'), '0 of 50 requests')
  await stand.chat(ask('hi'))
  await page.getByText('1 of 50 requests').waitFor()
  const { providers, spend } = await stand.core.status()
  const account = providers[0]?.accounts[0]
  assert.equal(await gauge.getAttribute('aria-valuenow'), String(account?.windows[1]?.used))
  const tile = async (title: string): Promise<string> =>
    (await page.locator('.tile', { hasText: title }).locator('dd').innerText()).split('\n')[0] ?? ''
  assert.equal(await tile('Calls today'), '1')
  assert.equal(await tile('Spent today'), `$${spend.todayUsd.toFixed(2)}`)
})

test('an account whose week is spent says until when it rests, and why', async () => {
  await using stand = await openStand()
  await using open = await openPage(browser, stand)
  stand.simulator.addFault({ provider: 'ollama', kind: 'weekly-limit' })
  await stand.chat(ask('hi', { model: 'gpt-oss:120b' }))
  const account = open.page.locator('.account', { hasText: 'OLLAMA_API_KEY_1' })
  // Noon of a Monday; the week ends on the next one.
  await account
    .getByText(/rests until 30 Nov 00:00 \(in 6d 12h\): .*weekly/i)
    .first()
    .waitFor()
})

test('without a gateway the page says so and keeps its figures; a new one asks for the key again', async () => {
  const first = await openStand()
  await using open = await openPage(browser, first)
  const { page } = open
  const port = Number(new URL(first.gateway.url).port)
  await first.stop()
  await page.getByText('The gateway does not answer at present.').waitFor()
  await page.getByRole('heading', { name: 'OPENROUTER_API_KEY_1' }).waitFor()
  await using second = await openStand({ sharing: first.simulator, gateway: { port } })
  assert.equal(second.gateway.url, first.gateway.url)
  // Sessions end with the process.
  await page.getByLabel('Admin key').waitFor()
  await page.getByLabel('Admin key').fill(adminKey)
  await page.getByRole('button', { name: 'Log in' }).click()
  await page.getByText('live', { exact: true }).waitFor()
  await first.simulator.close()
})

test('a wrong admin key is told so; logging out ends the session', async () => {
  await using stand = await openStand()
  await using open = await openPage(browser, stand)
  const { page } = open
  await page.getByRole('button', { name: 'Log out' }).click()
  await page.getByLabel('Admin key').fill('sya-wrong')
  await page.getByRole('button', { name: 'Log in' }).click()
  await page.getByRole('alert').getByText('that is not the admin key').waitFor()
  await page.reload()
  await page.getByLabel('Admin key').waitFor()
})
