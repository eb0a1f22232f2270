import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Browser, Locator, Page } from 'playwright-core'
import { dollars } from '../../src/ledger/price.ts'
import type { AttemptPage } from '../../src/ledger/search.ts'
import { adminKey, ask, openStand, type Stand } from '../support/stand.ts'
import { openBrowser, openPage } from './browser.ts'

let browser: Browser
before(async () => (browser = await openBrowser()))
after(() => browser.close())

function rowsOf(page: Page): Locator {
  return page.getByRole('region', { name: 'Attempts, the newest first' }).locator('tbody tr')
}

async function attemptsOf(stand: Stand, query: string): Promise<AttemptPage['attempts']> {
  const reply = await fetch(`${stand.gateway.url}/admin/attempts?${query}`, {
    headers: { authorization: `Bearer ${adminKey}` },
  })
  return ((await reply.json()) as AttemptPage).attempts
}

/** Answers of both services, one of them after a failover, and a request that nobody could take. */
async function someRequests(
  stand: Stand,
): Promise<{ readonly failedOver: string; readonly refused: string }> {
  const idOf = (reply: Response): string => reply.headers.get('x-request-id') ?? ''
  await stand.chat(ask('hi'))
  await stand.chat(ask('hi', { model: 'gpt-oss:120b' }))
  stand.simulator.addFault({ provider: 'openrouter', kind: 'upstream-429' })
  const failedOver = await stand.chat(ask('hi'))
  const refused = await stand.chat(ask('hi', { model: 'nobody-has-this' }))
  return { failedOver: idOf(failedOver), refused: idOf(refused) }
}

test('before the first request the page says how to make one; then it shows what the ledger has', async () => {
  await using stand = await openStand()
  await using open = await openPage(browser, stand, '/requests')
  const { page } = open
  await page.getByText('No request has been made yet.').waitFor()
  await page.getByText('switchyard chat "hello"').waitFor()
  await stand.chat(ask('hi', { model: 'gpt-oss:120b' }))
  await page.getByRole('button', { name: 'Refresh' }).click()
  await rowsOf(page).first().waitFor()
  const [attempt] = await attemptsOf(stand, 'limit=10')
  const shown = await rowsOf(page).first().locator('td').allInnerTexts()
  const cells = shown.map((text) => text.trim())
  assert.equal(await rowsOf(page).count(), 1)
  assert.deepEqual(cells.slice(1, 9), [
    'done',
    'default',
    'gpt-oss:120b',
    attempt?.provider,
    attempt?.key,
    attempt?.lane,
    `${attempt?.usage?.input} → ${attempt?.usage?.output}`,
    dollars(attempt?.nanoUsd ?? Number.NaN),
  ])
})

test('a search stands in the address, and finds what the admin API finds', async () => {
  await using stand = await openStand()
  await someRequests(stand)
  await using open = await openPage(browser, stand, '/requests')
  const { page } = open
  await rowsOf(page).first().waitFor()
  const expectRows = async (query: string): Promise<void> => {
    const wanted = await attemptsOf(stand, `limit=100&${query}`)
    assert.ok(wanted.length > 0, query)
    await page.getByText(new RegExp(`^${wanted.length} attempts?, nothing older$`)).waitFor()
    assert.deepEqual(
      await rowsOf(page)
        .locator('a')
        .evaluateAll((links) => links.map((link) => link.getAttribute('title'))),
      wanted.map(({ at }) => new Date(at).toISOString()),
    )
  }
  await page.getByLabel('State').selectOption('not well ended')
  await page.waitForURL(/[?&]state=failed%2Caborted/)
  await expectRows('state=failed,aborted,truncated,interrupted')
  await page.getByRole('link', { name: 'Clear the search' }).click()
  await page.waitForURL(/\/dashboard\/requests$/)
  await page.getByLabel('Text').fill('GPT-oss')
  await page.keyboard.press('Enter')
  await page.waitForURL(/[?&]text=GPT-oss/)
  await expectRows('text=GPT-oss')
  await page.getByText('More filters').click()
  await page.getByLabel('Text').fill('')
  await page.getByLabel('Key').fill('OPENROUTER_API_KEY_1')
  await page.getByLabel('From').fill('2026-11-23T11:00')
  await page.getByRole('button', { name: 'Search' }).click()
  await page.waitForURL(/key=OPENROUTER_API_KEY_1&since=2026-11-23T11%3A00/)
  await expectRows('key=OPENROUTER_API_KEY_1&since=2026-11-23T11:00:00.000Z')
  // As from a bookmark.
  await page.reload()
  await expectRows('key=OPENROUTER_API_KEY_1')
  assert.equal(await page.getByLabel('Key').inputValue(), 'OPENROUTER_API_KEY_1')
  await page.getByLabel('Key').fill('NO_SUCH_KEY')
  await page.keyboard.press('Enter')
  await page.getByText('No attempt fits.').waitFor()
})

test('a request tells its calls in order, what stood in the way, and why this key', async () => {
  await using stand = await openStand()
  const { failedOver, refused } = await someRequests(stand)
  await using open = await openPage(browser, stand, '/requests')
  const { page } = open
  const why = await stand.core.why(failedOver)
  assert.ok(why !== undefined && why.attempts.length === 2)
  const link = rowsOf(page).locator(`a[href*="${failedOver}"]`).first()
  await link.focus()
  await page.keyboard.press('Enter')
  const panel = page.getByRole('dialog', { name: 'Request' })
  await panel.getByText('Answered', { exact: true }).waitFor()
  const calls = panel.locator('.call')
  for (const [index, attempt] of why.attempts.entries()) {
    const text = await calls.nth(index).innerText()
    assert.ok(
      text.includes(`${attempt.number}. ${attempt.provider} ${attempt.served ?? attempt.model}`),
      text,
    )
    assert.ok(text.includes(attempt.key) && text.includes('the first in order that could'), text)
  }
  const steps = await panel.locator('.steps li').allInnerTexts()
  assert.equal(steps.length, why.steps.length)
  for (const [index, step] of why.steps.entries())
    assert.ok('why' in step && steps[index]?.includes(step.why), steps[index])
  await page.keyboard.press('Escape')
  await panel.waitFor({ state: 'detached' })
  assert.equal(new URL(page.url()).search, '')
  assert.equal(await link.evaluate((each) => each === each.ownerDocument.activeElement), true)

  // One that no service was asked for stands in no row; its address is known from the answer.
  const told = await stand.core.why(refused)
  await page.goto(`${stand.gateway.url}/dashboard/requests?id=${refused}`)
  await panel.getByText(`The client was told: ${told?.error?.code}`).waitFor()
  await panel.getByText(told?.error?.message ?? 'nothing').waitFor()
  await panel.getByText('No call was made').waitFor()
  await panel.getByRole('button', { name: 'Close' }).click()
  await page.goto(`${stand.gateway.url}/dashboard/requests?id=no-such-id`)
  await panel.getByRole('alert').getByText('the ledger knows no request "no-such-id"').waitFor()
})

test('older attempts are a page of their own', async () => {
  await using stand = await openStand()
  for (let index = 0; index < 110; index++) await stand.chat(ask('hi', { model: 'gpt-oss:120b' }))
  const all = await attemptsOf(stand, 'limit=1000')
  await using open = await openPage(browser, stand, '/requests')
  const { page } = open
  await page.getByRole('link', { name: 'Older' }).click()
  await page.getByText(`${all.length - 100} attempts, nothing older`).waitFor()
  assert.equal(new URL(page.url()).searchParams.get('before'), String(all[99]?.id))
  await page.getByRole('link', { name: 'Newest' }).click()
  await page.getByText('100 attempts', { exact: true }).waitFor()
})

test('a search that looked at enough says how far it came, and goes on when told', async () => {
  await using stand = await openStand()
  await stand.chat(ask('one'))
  await stand.chat(ask('two'))
  const [second, first] = await attemptsOf(stand, 'limit=2')
  await using open = await openPage(browser, stand, '/requests')
  const { page } = open
  // As a ledger of a hundred thousand attempts answers.
  await page.route('**/admin/attempts?*', (route) => {
    const isFirst = !route.request().url().includes('before=')
    return route.fulfill({
      json: isFirst ? { attempts: [second], next: 50_001 } : { attempts: [first] },
    })
  })
  await page.getByLabel('State').selectOption('done')
  await page.getByText('1 attempt found so far; looked back to attempt 50,001.').waitFor()
  await page.getByRole('button', { name: 'Search further back' }).click()
  await page.getByText('2 attempts, nothing older').waitFor()
  assert.equal(await rowsOf(page).count(), 2)
})

test('what the gateway refuses is told in its words, and what was read stays', async () => {
  await using stand = await openStand()
  await stand.chat(ask('hi'))
  await using open = await openPage(browser, stand, '/requests')
  const { page } = open
  await rowsOf(page).first().waitFor()
  const error = { message: 'the disk of the ledger is full', code: 'store_failed' }
  await page.route('**/admin/attempts?*', (route) => route.fulfill({ status: 503, json: { error } }))
  await page.getByRole('button', { name: 'Refresh' }).click()
  await page.getByRole('alert').getByText(error.message).waitFor()
  assert.equal(await rowsOf(page).count(), 1)
  await page.unroute('**/admin/attempts?*')
  await page.goto(`${stand.gateway.url}/dashboard/requests?lane=fast`)
  await page.getByRole('alert').getByText('the query is not understood').waitFor()
})
