import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { renderModels } from '../../src/cli/models/models.ts'
import { plainPaint } from '../../src/cli/terminal/paint.ts'
import type { Status } from '../../src/routing/status.ts'
import { ask, noon, openStand } from '../support/stand.ts'
import { openBrowser, openPage, tellStatus } from './browser.ts'
import { noKeys } from './no-keys.ts'

let browser: Browser
before(async () => (browser = await openBrowser()))
after(() => browser.close())

const rowsOf = async (page: Page): Promise<string[][]> => {
  const rows = await page.getByRole('table', { name: 'Models' }).locator('tbody tr').all()
  return Promise.all(rows.map((row) => row.locator('td').allInnerTexts()))
}
const namesOf = async (page: Page): Promise<string[]> =>
  (await rowsOf(page)).map(([name = '']) => name.split('\n')[0]?.trim() ?? '')

test('the list is what `switchyard models` prints, figure by figure', async () => {
  await using stand = await openStand()
  await using open = await openPage(browser, stand, '/models')
  const { page } = open
  await page.getByText(/^\d+ of \d+ models, \d+ of them free$/).waitFor()
  const { models } = await stand.core.listing()
  const printed = renderModels(models, models.length, { width: Infinity, paint: plainPaint, now: noon })
  const [, ...lines] = printed.split('\n')
  assert.equal(await page.getByText(/ models, /).innerText(), lines.at(-1))
  // Name, provider, context, price, capabilities; the page has the price before the context.
  const shown = (await rowsOf(page)).map(([name = '', provider, , price, context, can]) =>
    [name.split('\n')[0]?.trim(), provider, context, price, can].filter((cell) => cell !== '').join('|'),
  )
  assert.deepEqual(
    shown,
    lines.slice(0, -2).map((line) => line.trim().split(/ {2,}/).join('|')),
  )
})

test('filters and order narrow the list down and stand in the address, across a reload', async () => {
  await using stand = await openStand()
  await using open = await openPage(browser, stand, '/models')
  const { page } = open
  const { models } = await stand.core.listing()
  await page.getByLabel('Name holds').fill('gpt OSS')
  await page.getByText(/^2 of /).waitFor()
  assert.deepEqual((await namesOf(page)).toSorted(), ['gpt-oss:120b', 'gpt-oss:20b'])
  // Typing goes on where it was: the page was not drawn anew.
  assert.equal(await page.evaluate(() => document.activeElement?.getAttribute('type')), 'search')
  await page.getByLabel('Name holds').fill('')
  await page.getByLabel('cost nothing').check()
  await page.getByLabel('tools').check()
  await page.getByLabel('json').check()
  await page.getByLabel('Order').selectOption('name')
  assert.equal(new URL(page.url()).search, '?free=1&needs=tools%2Cjson&sort=name')
  const wanted = models
    .filter(
      ({ free, capabilities }) =>
        free && capabilities?.includes('tools') && capabilities.includes('structured-output'),
    )
    .map(({ id }) => id)
    .toSorted((left, right) => left.localeCompare(right))
  assert.ok(wanted.length > 1)
  assert.deepEqual(await namesOf(page), wanted)
  await page.reload()
  await page.getByText(`${wanted.length} of ${models.length} models`).waitFor()
  assert.deepEqual(await namesOf(page), wanted)
  assert.ok(await page.getByLabel('json').isChecked())

  await page.goto(`${stand.gateway.url}/dashboard/models?sort=price&provider=ollama`)
  await page.getByText(/ models, /).waitFor()
  const prices = (await rowsOf(page)).flatMap(([, , , price = '?']) =>
    price === '?' ? [] : price.split(', ').reduce((sum, each) => sum + Number(each), 0),
  )
  assert.ok(prices.length > 5)
  assert.deepEqual(
    prices,
    prices.toSorted((left, right) => left - right),
  )
  await page.goto(`${stand.gateway.url}/dashboard/models?q=nobody-has-this`)
  await page.getByText('No model is like that.').waitFor()
  await page.getByRole('button', { name: 'Show all' }).click()
  await page.getByText(`${models.length} of ${models.length} models`).waitFor()
})

test('a plan tells who would get a request, costs nothing, and Escape leads back to its button', async () => {
  await using stand = await openStand()
  await using open = await openPage(browser, stand, '/models?q=gpt-oss:120b')
  const { page } = open
  const button = page.getByRole('button', { name: 'Plan for gpt-oss:120b' })
  await button.focus()
  await page.keyboard.press('Enter')
  const { next } = await stand.core.plan({ model: 'gpt-oss:120b', client: 'default' })
  assert.ok(next)
  const dialog = page.getByRole('dialog', { name: 'Plan for “gpt-oss:120b”' })
  await dialog.getByText(`Next: ${next.provider} ${next.model} (${next.lane} lane)`).waitFor()
  await dialog.getByText(`with key ${next.key} of account ${next.account}`).waitFor()
  assert.match(page.url(), /plan=gpt-oss%3A120b/)
  await page.keyboard.press('Escape')
  await dialog.waitFor({ state: 'detached' })
  assert.doesNotMatch(page.url(), /plan=/)
  assert.equal(
    await page.evaluate(() => document.activeElement?.getAttribute('aria-label')),
    'Plan for gpt-oss:120b',
  )
  assert.equal(
    await page.getByRole('link', { name: 'gpt-oss:120b in the playground' }).getAttribute('href'),
    '/dashboard/playground?model=gpt-oss%3A120b',
  )
  // The address alone opens it too, and what the gateway refuses is said in its own words.
  await page.goto(`${stand.gateway.url}/dashboard/models?plan=nobody-has-this`)
  await page
    .getByRole('dialog')
    .getByText(/nobody-has-this/)
    .nth(1)
    .waitFor()
  const { openrouter, ollama } = stand.simulator.counters()
  assert.equal(openrouter.calls + ollama.calls, 0)
})

test('models that rest and free models that drifted are marked', async () => {
  await using stand = await openStand()
  const { models } = await stand.core.listing()
  const [priced = '', gone = 'acme/gone:free', resting = 'gpt-oss:20b'] = [
    models.find(({ free }) => free)?.id,
  ]
  stand.simulator.addFault({ provider: 'ollama', kind: 'requires-subscription', model: resting, times: 2 })
  await stand.chat(ask('hi', { model: resting }))
  await using open = await openPage(browser, stand, '/models')
  const { page } = open
  const row = (name: string) => page.getByRole('row').filter({ has: page.getByText(name, { exact: true }) })
  await row(resting).getByText('resting', { exact: true }).waitFor()

  const status = await stand.core.status()
  const since = new Date(noon).toISOString()
  const drifted: Status = {
    ...status,
    providers: status.providers.map((each, index) =>
      index > 0
        ? { ...each, cooldown: { kind: 'network', why: 'no answer', until: '2026-11-23T12:05:00.000Z' } }
        : {
            ...each,
            drift: [
              { model: priced, change: 'priced', since },
              { model: gone, change: 'gone', since },
            ],
          },
    ),
  }
  await tellStatus(page, drifted)
  await page.reload()
  await page.getByText(/ is gone since /).waitFor()
  await page.getByText('None of its models is called: no answer').waitFor()
  await row(priced).getByText('was free', { exact: true }).waitFor()
  await row(priced).getByText('It was free and has a price since 12:00.').waitFor()
})

test('without a key there is no list, and the page says what to do', async () => {
  await using stand = await openStand({ environment: noKeys })
  await using open = await openPage(browser, stand, '/models')
  await open.page.getByText('No model list has been read.').waitFor()
  await open.page.getByText('switchyard keys add').waitFor()
})
