import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import type { Browser, Locator, Page } from 'playwright-core'
import type { UsageReport } from '../../dashboard/src/api/types.ts'
import { csvOf } from '../../src/routing/usage-csv.ts'
import { dollars } from '../../src/ledger/price.ts'
import { adminKey, ask, noon, openStand, type Stand } from '../support/stand.ts'
import { openBrowser, openPage } from './browser.ts'

const dayMs = 86_400_000

let browser: Browser
before(async () => (browser = await openBrowser()))
after(() => browser.close())

async function reportOf(stand: Stand, query: string): Promise<UsageReport> {
  const reply = await fetch(`${stand.gateway.url}/admin/usage/report?${query}`, {
    headers: { authorization: `Bearer ${adminKey}` },
  })
  return (await reply.json()) as UsageReport
}

function usd(value: number): string {
  return dollars(value * 1e9)
}

/** Free and paid calls on three days, noon of the last one being now. */
async function someDays(stand: Stand): Promise<void> {
  for (const day of [-2, -1, 0]) {
    stand.clock.set(noon + day * dayMs)
    for (let index = 0; index < 3 + day; index++) await stand.chat(ask('repeat 50 words'))
    await stand.chat(ask('repeat 70 words', { model: 'gpt-oss:120b' }))
    await stand.chat(ask('repeat 70 words', { model: 'gpt-oss:20b' }))
  }
}

async function tile(page: Page, title: string): Promise<string> {
  const value = page.locator('.tile', { has: page.getByText(title, { exact: true }) }).locator('dd > span')
  return value.innerText()
}

function cells(row: Locator): Promise<string[]> {
  return row.locator('td').allInnerTexts()
}

test('without a call the page says so; a call is there after a refresh', async () => {
  await using stand = await openStand()
  await using open = await openPage(browser, stand, '/usage')
  const { page } = open
  await page.getByText('No calls from 2026-11-17 00:00 to 2026-11-23 12:00 UTC.').waitFor()
  await stand.chat(ask('hi'))
  await page.getByRole('button', { name: 'Refresh' }).click()
  await page.getByRole('heading', { name: 'By model' }).waitFor()
  assert.equal(await tile(page, 'Requests'), '1')
})

test('the figures are those of the command, by any group', async () => {
  await using stand = await openStand()
  await someDays(stand)
  await using open = await openPage(browser, stand, '/usage')
  const { page } = open
  for (const by of ['model', 'key', 'client', 'provider'] as const) {
    await page.getByLabel('By', { exact: true }).selectOption(by)
    await page.getByRole('heading', { name: `By ${by}`, exact: true }).waitFor()
    const report = await reportOf(stand, `since=7d&by=${by}`)
    const { total, reference } = report
    assert.ok(total.usd > 0 && (total.freeValueUsd ?? 0) > 0 && reference !== null)
    assert.equal(await tile(page, 'Requests'), String(total.requests))
    assert.equal(await tile(page, 'Spent'), usd(total.usd))
    assert.equal(await tile(page, 'Free value'), usd(total.freeValueUsd ?? 0))
    const table = page.getByRole('region', { name: `Sums by ${by}` })
    for (const row of report.rows) {
      const name = row.group[by] ?? ''
      const shown = await cells(table.locator('tbody tr', { has: page.getByText(name, { exact: true }) }))
      assert.deepEqual(
        [shown[0], shown[1], shown[6], shown[7]],
        [name, String(row.requests), usd(row.usd), usd(row.freeValueUsd ?? 0)],
      )
    }
  }
})

test('the table below the chart has its figures, day by day', async () => {
  await using stand = await openStand()
  await someDays(stand)
  await using open = await openPage(browser, stand, '/usage?by=provider&show=tokens')
  const { page } = open
  await page.getByText('The figures of this chart').click()
  const rows = page.getByRole('region', { name: 'The figures of the chart' }).locator('tbody tr')
  assert.equal(await rows.count(), 7)
  const { rows: days } = await reportOf(stand, 'since=7d&by=day')
  const shown = await Promise.all((await rows.all()).map(cells))
  assert.deepEqual(
    shown.slice(-3).map((row) => row.at(-1)),
    days.map(({ inputTokens, outputTokens }) => String(inputTokens + outputTokens)),
  )
  assert.deepEqual(
    shown.slice(0, 4).map((row) => row.at(-1)),
    ['0', '0', '0', '0'],
  )
})

test('the range, the groups and the reference stand in the address', async () => {
  await using stand = await openStand()
  await someDays(stand)
  await using open = await openPage(browser, stand, '/usage?since=today&by=key&show=requests')
  const { page } = open
  await page.getByRole('heading', { name: 'Requests by hours and key' }).waitFor()
  const today = await reportOf(stand, 'since=today&by=key')
  assert.equal(await tile(page, 'Requests'), String(today.total.requests))
  await page.getByLabel('Range (UTC)').selectOption('from … to …')
  await page.getByLabel('From').fill('2026-11-21')
  await page.getByLabel('To (included)').fill('2026-11-22')
  await page.getByText('From 2026-11-21 00:00 to 2026-11-23 00:00 UTC.').waitFor()
  const two = await reportOf(stand, 'since=2026-11-21&until=2026-11-23&by=key')
  assert.equal(await tile(page, 'Requests'), String(two.total.requests))
  const at = new URL(page.url()).searchParams
  assert.deepEqual(
    [at.get('since'), at.get('until'), at.get('by'), at.get('show')],
    ['2026-11-21', '2026-11-23', 'key', 'requests'],
  )

  const reference = 'openrouter/anthropic/claude-haiku-4.5'
  await page.getByLabel('Reference model').fill(reference)
  await page.keyboard.press('Enter')
  await page.waitForURL(/reference=/)
  await page.getByText('all of it at anthropic/claude-haiku-4.5').waitFor()
  const priced = await reportOf(stand, `since=2026-11-21&until=2026-11-23&by=key&reference=${reference}`)
  assert.equal(await tile(page, 'Free value'), usd(priced.total.freeValueUsd ?? 0))
  await page.getByLabel('Reference model').fill('nobody/has-this')
  await page.keyboard.press('Enter')
  await page.getByRole('alert').getByText('no provider lists a model "nobody/has-this"').waitFor()
  // What was known stays.
  assert.equal(await tile(page, 'Requests'), String(two.total.requests))
})

test('the file is the one of the command', async () => {
  await using stand = await openStand()
  await someDays(stand)
  await using open = await openPage(browser, stand, '/usage?by=model')
  const { page } = open
  const coming = page.waitForEvent('download')
  await page.getByRole('button', { name: 'Download as CSV' }).click()
  const download = await coming
  assert.equal(download.suggestedFilename(), 'switchyard-usage-model-2026-11-17-2026-11-23.csv')
  const report = await reportOf(stand, 'since=7d&by=model')
  assert.equal(readFileSync(await download.path(), 'utf8'), `${csvOf(report)}\n`)
})

test('the chart is drawn in the colours of the theme, and as wide as its box', async () => {
  await using stand = await openStand()
  await someDays(stand)
  await using open = await openPage(browser, stand, '/usage')
  const { page } = open
  const canvas = page.locator('.chart canvas')
  await canvas.waitFor()
  const pixels = (): Promise<string> =>
    canvas.evaluate((each) => (each as unknown as { toDataURL(): string }).toDataURL())
  const light = await pixels()
  await page.getByLabel('Theme').selectOption('Dark')
  await page.waitForTimeout(100)
  const dark = await pixels()
  assert.notEqual(dark, light)
  await page.getByLabel('Theme').selectOption('Light')
  await page.waitForTimeout(100)
  assert.equal(await pixels(), light)
  await page.setViewportSize({ width: 360, height: 800 })
  await page.waitForTimeout(200)
  const box = await canvas.boundingBox()
  assert.ok(box !== null && box.width > 200 && box.width <= 330, JSON.stringify(box))
  // What is under the pointer is told beside the names.
  await page.locator('.chart .u-over').hover()
  await page.locator('.chart-when', { hasText: '20 Nov' }).waitFor()
})
