import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { Browser, Locator, Page } from 'playwright-core'
import { dollars } from '../../src/ledger/price.ts'
import { openStand, type Stand } from '../support/stand.ts'
import { openBrowser, openPage } from './browser.ts'

const paidModel = 'gemma4:31b'

let browser: Browser
before(async () => (browser = await openBrowser()))
after(() => browser.close())

/** Sends a message and gives its turn. */
async function say(page: Page, text: string): Promise<Locator> {
  const turns = page.locator('.turn')
  const shown = await turns.count()
  await page.getByRole('textbox', { name: 'Your message' }).fill(text)
  await page.keyboard.press('Enter')
  const turn = turns.nth(shown)
  await turn.waitFor()
  return turn
}

/** The turn has ended, and the ledger has said its word on it. */
async function ended(turn: Locator): Promise<void> {
  await turn.locator('.figures').getByText('in all').waitFor()
  await turn.getByText(/^Why (?:this one|nobody)$/).click()
  await turn.locator('.decision').getByText('Calls', { exact: true }).waitFor()
}

/** The ledger's newest call. */
async function newest(stand: Stand) {
  const [attempt] = (await stand.core.attempts({ limit: 1 })).attempts
  assert.ok(attempt)
  return attempt
}

test('what would be chosen stands there before, and what was chosen, used and cost stands there after', async () => {
  await using stand = await openStand()
  await using open = await openPage(browser, stand, `/playground?model=${encodeURIComponent(paidModel)}`)
  const { page } = open
  const { next } = await stand.core.plan({ model: paidModel, client: 'dashboard' })
  assert.ok(next)
  const planned = `${next.provider} ${next.model} (${next.lane} lane), key ${next.key} of account ${next.account}`
  await page.locator('.next').getByText(planned).waitFor()

  const turn = await say(page, 'Hello there')
  await turn.getByText('You said: Hello there').waitFor()
  await ended(turn)
  const row = await newest(stand)
  assert.deepEqual(
    [row.client, row.model, row.key, row.lane, row.state],
    ['dashboard', next.model, next.key, next.lane, 'done'],
  )
  assert.ok((row.nanoUsd ?? 0) > 0)
  const figures = await turn.locator('.figures').innerText()
  for (const figure of [
    row.provider,
    paidModel,
    `key ${row.key}`,
    `${row.usage?.input} tokens in, ${row.usage?.output} out`,
    dollars(row.nanoUsd ?? 0),
  ])
    assert.ok(figures.includes(figure), `${figure} in ${figures}`)
  const decision = await turn.locator('.decision').innerText()
  assert.equal(decision.split(planned).length, 3, decision)
  assert.match(decision, /Nothing stood in its way/)
  assert.ok(decision.includes(`switchyard why ${row.call}`))

  // The second message goes with the first one and its answer.
  const second = await say(page, 'And now?')
  await ended(second)
  assert.ok(((await newest(stand)).usage?.input ?? 0) > (row.usage?.input ?? 0))
  await page.getByRole('button', { name: 'New conversation' }).click()
  await page.getByText('Nothing was asked yet.').waitFor()
  const third = await say(page, 'Hello there')
  await ended(third)
  assert.equal((await newest(stand)).usage?.input, row.usage?.input)
  const kept = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]))
  assert.ok(!kept.includes('Hello'))
})

test('a failover is told with what stood in the way; the asked provider goes first and into the address', async () => {
  await using stand = await openStand()
  await using open = await openPage(browser, stand, '/playground')
  const { page } = open
  stand.simulator.addFault({ provider: 'openrouter', kind: 'error-5xx' })
  const turn = await say(page, 'Hello')
  await ended(turn)
  await turn.locator('.figures').getByText('2 calls').waitFor()
  await turn.getByText(/call 1 failed, busy \(50\d\)/).waitFor()

  const other = (await stand.core.status()).providers.find(({ lane }) => lane === 'paid')
  assert.ok(other)
  await page.getByLabel('Asked first, when it can').selectOption(other.name)
  assert.match(page.url(), new RegExp(`provider=${other.name}`))
  await ended(await say(page, 'Hello'))
  assert.equal((await newest(stand)).provider, other.name)
  await page.reload()
  assert.equal(await page.getByLabel('Asked first, when it can').inputValue(), other.name)
})

test('text of a model is text: marks stay marks, and line breaks and spaces stay', async () => {
  await using stand = await openStand()
  await using open = await openPage(browser, stand, '/playground')
  const { page } = open
  const foreign = 'one\n\n    two  <img src=x onerror="hit()"> <b>three</b> [four](javascript:hit())'
  const turn = await say(page, foreign)
  await ended(turn)
  const shown = turn.locator('.answer .foreign')
  assert.equal(await shown.evaluate((box) => box.textContent), `You said: ${foreign}`)
  assert.match(await shown.innerText(), /one\n\n {4}two {2}</)
  assert.equal(await turn.locator('img, b, .foreign a').count(), 0)

  // A long answer is drawn in pieces; it stands there as it would in one.
  const paragraphs = Array.from({ length: 200 }, (_, index) => `${index} ${'long '.repeat(index % 9)}`)
  const long = await say(page, paragraphs.join('\n\n'))
  await ended(long)
  const box = long.locator('.answer .foreign')
  assert.ok((await box.locator('div').count()) > 1)
  const heights = await box.evaluate(
    (pieces, text) => {
      const whole = document.createElement('div')
      whole.className = 'foreign'
      whole.textContent = text
      pieces.after(whole)
      return [pieces.getBoundingClientRect().height, whole.getBoundingClientRect().height]
    },
    `You said: ${paragraphs.join('\n\n')}`,
  )
  assert.equal(heights[0], heights[1])
})

test('reasoning is folded away, and an answer without end is kept up to a million characters', async () => {
  await using stand = await openStand()
  await using open = await openPage(browser, stand, '/playground')
  const { page } = open
  const chunk = (delta: object): string => `data: ${JSON.stringify({ choices: [{ delta }] })}\n\n`
  const line = `${'x'.repeat(999)}\n`
  await page.route('**/admin/chat', (route) =>
    route.fulfill({
      contentType: 'text/event-stream',
      body: `${chunk({ reasoning: 'Let me think.' })}${chunk({ content: line }).repeat(1200)}data: [DONE]\n\n`,
    }),
  )
  const turn = await say(page, 'Hello')
  await turn.getByText('200,000 characters more came and are not kept.').waitFor()
  const thought = turn.getByText('Let me think.')
  assert.equal(await thought.isVisible(), false)
  await turn.getByText('Reasoning', { exact: true }).click()
  assert.equal(await thought.isVisible(), true)
})

test('stop ends the answer at the service too, and what came of it stays', async () => {
  await using stand = await openStand()
  await using open = await openPage(browser, stand, '/playground')
  const { page } = open
  stand.simulator.addFault({ provider: 'openrouter', kind: 'slow-drip' })
  const turn = await say(page, 'repeat 500 words')
  await turn.getByText('word3').waitFor()
  await page.getByRole('button', { name: 'Stop' }).click()
  await turn.getByText('Stopped by hand.').waitFor()
  await ended(turn)
  assert.equal((await newest(stand)).state, 'aborted')
  await turn.locator('.decision').getByText('aborted').waitFor()
  assert.match(await turn.locator('.answer .foreign').innerText(), /^word1 word2 word3/)
  await page.getByRole('button', { name: 'Send' }).waitFor()
})

test('spent quota is told in the words of the gateway, with when it returns', async (t) => {
  const home = mkdtempSync(join(tmpdir(), 'switchyard-test-'))
  t.after(() => rmSync(home, { recursive: true, force: true }))
  writeFileSync(join(home, 'switchyard.yaml'), 'policy: { freeOnly: true }\n')
  await using stand = await openStand({
    home,
    simulator: { openrouter: { accounts: [{ foreignUsed: 50 }] } },
  })
  await using open = await openPage(browser, stand, '/playground')
  const { page } = open
  const { refusal } = await stand.core.plan({ model: 'auto', client: 'dashboard' })
  assert.ok(refusal?.until)
  await page.locator('.next').getByText(refusal.message).waitFor()
  const turn = await say(page, 'Hello')
  const alert = turn.getByRole('alert')
  await alert.getByText(refusal.message).waitFor()
  // Noon: the day begins again in twelve hours.
  await alert.getByText('back 24 Nov 00:00 (in 12h 00m)').first().waitFor()
  await ended(turn)
  await turn.getByText('No call was made.').waitFor()
  await turn.locator('.figures').getByText('no call was made').waitFor()
})

test('an answer that breaks off keeps what came, and says why', async () => {
  await using stand = await openStand()
  await using open = await openPage(browser, stand, '/playground')
  const { page } = open
  stand.simulator.addFault({ provider: 'openrouter', kind: 'cut', afterChunks: 3 })
  const turn = await say(page, 'repeat 50 words')
  await turn.getByRole('alert').getByText('the upstream stream was cut').waitFor()
  await ended(turn)
  assert.match(await turn.locator('.answer .foreign').innerText(), /^word1 word2/)

  stand.simulator.addFault({ provider: 'openrouter', kind: 'slow-drip' })
  const last = await say(page, 'repeat 500 words')
  await last.getByText('word3').waitFor()
  await stand.gateway.close({ drainMs: 0 })
  await last.getByRole('alert').getByText('the gateway is shutting down').waitFor()
})

test('the page follows the answer until the reader scrolls up, and again when asked to', async () => {
  await using stand = await openStand()
  await using open = await openPage(browser, stand, '/playground', { width: 360 })
  const { page } = open
  stand.simulator.addFault({ provider: 'openrouter', kind: 'slow-drip', delayMs: 5 })
  const turn = await say(page, 'repeat 3000 words')
  const length = (): Promise<number> =>
    turn.locator('.answer .foreign').evaluate((box) => (box.textContent ?? '').length)
  const below = (): Promise<number> =>
    page.evaluate(() => document.documentElement.scrollHeight - innerHeight - scrollY)
  const longer = async (than: number): Promise<void> => {
    await page.waitForFunction(
      (least) => (document.querySelector('.answer .foreign')?.textContent ?? '').length > least,
      than + 1000,
    )
  }
  await longer(2000)
  assert.ok((await below()) < 60, 'it follows')
  await page.mouse.move(180, 400)
  await page.mouse.wheel(0, -40)
  await page.getByRole('button', { name: 'To the end' }).waitFor()
  // A turn of the wheel takes the browser some frames.
  await longer(await length())
  const place = await page.evaluate(() => scrollY)
  await longer(await length())
  assert.equal(await page.evaluate(() => scrollY), place, 'it leaves the reader where he is')
  await page.getByRole('button', { name: 'To the end' }).click()
  await longer(await length())
  assert.ok((await below()) < 60, 'it follows again')
  await page.getByRole('textbox', { name: 'Your message' }).press('Escape')
  await turn.getByText('Stopped by hand.').waitFor()
})
