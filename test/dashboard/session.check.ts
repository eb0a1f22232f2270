import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { adminKey, ask, openStand } from '../support/stand.ts'
import { openBrowser, openPage } from './browser.ts'

let browser: Browser
before(async () => (browser = await openBrowser()))
after(() => browser.close())

async function logInAgain(page: Page): Promise<void> {
  const form = page.getByRole('dialog', { name: 'Log in again' })
  await form.getByText('The session has ended').waitFor()
  // Where the key is typed at once.
  await page.keyboard.type(adminKey)
  await page.keyboard.press('Enter')
  await form.waitFor({ state: 'detached' })
}

test('a restart of the gateway takes nothing of what was typed, asked and answered', async (t) => {
  const first = await openStand()
  t.after(() => first.simulator.close())
  await using open = await openPage(browser, first, '/playground')
  const { page } = open
  const message = page.getByRole('textbox', { name: 'Your message' })
  await message.fill('Why is the sky blue?')
  await message.press('Enter')
  await page.locator('.figures').waitFor()
  await message.fill('And the sea')
  const port = Number(new URL(first.gateway.url).port)
  await first.stop()
  await using second = await openStand({ sharing: first.simulator, gateway: { port } })
  await logInAgain(page)
  assert.equal(await message.inputValue(), 'And the sea')
  assert.equal(await message.evaluate((field) => field === document.activeElement), true)
  await page.getByText('live', { exact: true }).waitFor()
  await message.press('Enter')
  await page.locator('.figures').nth(1).waitFor()
  assert.equal((await second.core.attempts({ limit: 1 })).attempts[0]?.state, 'done')
})

test('what was refused because the session had ended is asked again after the log-in', async () => {
  await using stand = await openStand()
  for (let index = 0; index < 3; index++) await stand.chat(ask('hi'))
  await using open = await openPage(browser, stand, '/requests')
  const { page, context } = open
  await page.getByText('3 attempts').waitFor()
  await stand.chat(ask('hi'))
  await context.clearCookies()
  await page.getByRole('button', { name: 'Refresh' }).click()
  await logInAgain(page)
  await page.getByText('4 attempts').waitFor()
  assert.equal(await page.getByRole('alert').count(), 0)
})

test('leaving in one tab closes the pages of all others', async () => {
  await using stand = await openStand()
  await using open = await openPage(browser, stand, '/keys')
  const { page, context } = open
  const other = await context.newPage()
  await other.goto(`${stand.gateway.url}/dashboard/`)
  await other.getByRole('button', { name: 'Log out' }).click()
  await other.getByLabel('Admin key').waitFor()
  assert.equal(await other.title(), 'Switchyard')
  const form = page.getByRole('dialog', { name: 'Log in again' })
  await form.waitFor()
  await page.keyboard.press('Escape')
  await page.keyboard.press('Escape')
  assert.ok(await form.isVisible())
  // It covers everything: no key's name can be read any more.
  const box = await form.boundingBox()
  assert.deepEqual(box, { x: 0, y: 0, width: 1280, height: 900 })
})

test('who leaves while the gateway does not answer is told that it still knows the browser', async () => {
  await using stand = await openStand()
  await using open = await openPage(browser, stand)
  const { page } = open
  await page.route('**/admin/session', (route) => route.abort())
  await page.getByRole('button', { name: 'Log out' }).click()
  await page.getByRole('alert').getByText('This browser is still logged in at the gateway').waitFor()
})
