import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Browser, Locator } from 'playwright-core'
import { ask, openStand } from '../support/stand.ts'
import { openBrowser, openPage } from './browser.ts'

let browser: Browser
before(async () => (browser = await openBrowser()))
after(() => browser.close())

/** Waits until the keyboard is on it: dialogs give it back a moment after they have gone. */
const hasFocus = (on: Locator): Promise<void> => on.and(on.page().locator(':focus')).waitFor()

async function press(button: Locator): Promise<void> {
  await button.focus()
  await button.page().keyboard.press('Enter')
}

test('a button keeps the focus while it is busy, and leaves it to its table when it goes', async () => {
  await using stand = await openStand()
  stand.simulator.addFault({ provider: 'ollama', kind: 'weekly-limit' })
  await stand.chat(ask('hi', { model: 'gpt-oss:120b' }))
  await using open = await openPage(browser, stand, '/keys')
  const { page } = open
  const named = (name: string): Locator => page.getByRole('button', { name })
  await press(named('Test OLLAMA_API_KEY_2'))
  await page.getByText('1 key asked: 1 accepted').waitFor()
  await hasFocus(named('Test OLLAMA_API_KEY_2'))
  await press(named('Disable OLLAMA_API_KEY_2'))
  await hasFocus(named('Enable OLLAMA_API_KEY_2'))
  await press(named('Release OLLAMA_API_KEY_1'))
  await named('Release OLLAMA_API_KEY_1').waitFor({ state: 'detached' })
  await hasFocus(page.getByRole('region', { name: 'Keys of Ollama Cloud' }))
})

test('a dialog gives the focus back to what opened it, whether it was left or sent', async () => {
  await using stand = await openStand()
  await using open = await openPage(browser, stand, '/clients')
  const { page } = open
  const named = (name: string): Locator => page.getByRole('button', { name })
  const dialog = page.getByRole('dialog')
  await press(named('Add a client'))
  await dialog.getByLabel('Name').fill('bot')
  await page.keyboard.press('Enter')
  await page.getByRole('dialog', { name: 'The key of bot' }).waitFor()
  await page.keyboard.press('Escape')
  await hasFocus(named('Add a client'))
  await press(named('Change bot'))
  await dialog.getByLabel('US dollars a day').fill('6')
  await page.keyboard.press('Enter')
  await dialog.waitFor({ state: 'detached' })
  await hasFocus(named('Change bot'))
  await press(named('Revoke bot'))
  await hasFocus(dialog.getByRole('button', { name: 'Cancel' }))
  await page.keyboard.press('Escape')
  await hasFocus(named('Revoke bot'))
  await page.keyboard.press('Enter')
  await press(dialog.getByRole('button', { name: 'Revoke' }))
  await page.getByText('bot is revoked').waitFor()
  await hasFocus(page.getByRole('region', { name: 'Clients' }))
})

test('filters that were opened stay open when the last of them is taken back', async () => {
  await using stand = await openStand()
  await using open = await openPage(browser, stand, '/requests')
  const { page } = open
  await page.getByText('More filters').click()
  const lane = page.getByLabel('Lane')
  await lane.focus()
  for (const [value, search] of [
    ['free', '?lane=free'],
    ['', ''],
  ] as const) {
    await lane.selectOption(value)
    await page.waitForURL((url) => url.search === search)
    await hasFocus(lane)
  }
  await page.goto(`${stand.gateway.url}/dashboard/requests?lane=paid`)
  assert.equal(await lane.inputValue(), 'paid')
  assert.ok(await lane.isVisible())
})
