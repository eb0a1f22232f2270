import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { settingsShown } from '../../src/cli/settings-shown.ts'
import { load } from '../../src/config/load.ts'
import { notifySettings } from '../../src/config/notify.ts'
import { secretsIn } from '../support/canaries.ts'
import { adminKey, ask, openStand, type Stand } from '../support/stand.ts'
import { openBrowser, openPage, settled } from './browser.ts'

let browser: Browser
before(async () => (browser = await openBrowser()))
after(() => browser.close())

/** The part of the page under a heading. */
function part(page: Page, title: string) {
  return page.locator('section.panel', { has: page.getByRole('heading', { name: title, exact: true }) })
}

async function admin(stand: Stand, path: string, body: unknown): Promise<unknown> {
  const reply = await fetch(`${stand.gateway.url}/admin/${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${adminKey}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  assert.equal(reply.status, 200)
  return reply.json()
}

test('all is well until it is not: what to do comes by itself, and goes when it is done', async () => {
  await using stand = await openStand()
  await using open = await openPage(browser, stand, '/health')
  const { page } = open
  const findings = part(page, 'What to look at')
  const resting = part(page, 'Resting')
  await findings.getByText('Everything is well.').waitFor()
  await resting.getByText('Nobody rests').waitFor()
  await part(page, 'Ledger').getByText('keeps up').waitFor()
  // Nobody has given this gateway its settings.
  await page.getByText('does not tell its settings').waitFor()

  await admin(stand, 'keys/disable', { name: 'OPENROUTER_API_KEY_3' })
  await findings.getByText('1 key disabled by hand: OPENROUTER_API_KEY_3').waitFor()
  await findings.getByText('→ switchyard keys enable NAME takes one back').waitFor()
  await admin(stand, 'keys/enable', { name: 'OPENROUTER_API_KEY_3' })
  await findings.getByText('Everything is well.').waitFor()

  stand.simulator.addFault({ provider: 'ollama', kind: 'unauthorized-plain' })
  await stand.chat(ask('hi', { model: 'gemma4:31b' }))
  await findings.getByText('→ when it is mended: switchyard keys release OLLAMA_API_KEY_1').waitFor()
  await resting.getByRole('row', { name: /key OLLAMA_API_KEY_1 released by hand/ }).waitFor()
  await admin(stand, 'keys/release', { name: 'OLLAMA_API_KEY_1' })
  await findings.getByText('Everything is well.').waitFor()

  stand.simulator.addFault({ provider: 'ollama', kind: 'weekly-limit' })
  await stand.chat(ask('hi', { model: 'gemma4:31b' }))
  // Noon of a Monday; the week ends on the next one.
  await resting.getByRole('row', { name: /account OLLAMA_API_KEY_\d 30 Nov 00:00 \(in 6d 12h\)/ }).waitFor()
})

test('where no service has told figures of its own, the page says so', async () => {
  const keys = ['OPENROUTER_API_KEY_1', 'OPENROUTER_API_KEY_2', 'OPENROUTER_API_KEY_3']
  await using stand = await openStand({
    environment: Object.fromEntries(
      [...keys, 'OLLAMA_API_KEY_1', 'OLLAMA_API_KEY_2'].map((name) => [name, '']),
    ),
  })
  await using open = await openPage(browser, stand, '/health')
  await part(open.page, "The services' own figures").getByText('No service has told figures').waitFor()
})

test('the services’ figures stand beside the ledger’s as the admin API has them, and differences are marked', async () => {
  // Other programs have used this account before.
  await using stand = await openStand({
    simulator: { openrouter: { accounts: [{ foreignUsed: 7 }, {}] } },
  })
  await using open = await openPage(browser, stand, '/health')
  const { page } = open
  const figures = part(page, "The services' own figures")
  const { comparisons } = (await admin(stand, 'reconcile', { since: '2026-11-17T00:00:00.000Z' })) as {
    readonly comparisons: readonly {
      readonly name: string
      readonly account: string
      readonly service: number
      readonly ours: number
    }[]
  }
  const differing = comparisons.filter(({ service, ours }) => service !== ours)
  assert.ok(differing.length > 0 && differing.length < comparisons.length)
  await figures.getByText(`${differing.length} of ${comparisons.length} figures differ.`).waitFor()
  const rows = figures.locator('tbody tr')
  assert.equal(await rows.count(), comparisons.length)
  const calls = comparisons.find(({ service, ours, name }) => service !== ours && name === 'free requests')
  assert.ok(calls)
  const texts = await rows.filter({ hasText: 'differs by +' }).first().locator('td').allInnerTexts()
  assert.deepEqual(texts.slice(0, 7), [
    '2026-11-23',
    'openrouter',
    calls.account,
    'free requests',
    String(calls.service),
    String(calls.ours),
    `differs by +${calls.service - calls.ours}`,
  ])

  await figures.getByLabel('Only what differs').check()
  assert.equal(await rows.count(), differing.length)
  await figures.getByLabel('Days back').selectOption('30 days')
  assert.match(page.url(), /\?days=30&only=differing$/)
  await page.reload()
  await settled(page)
  await figures.getByText('switchyard reconcile --days 30').waitFor()
  await rows.first().waitFor()
  assert.equal(await rows.count(), differing.length)
})

test('what is set is shown, without a secret', async (t) => {
  const home = mkdtempSync(join(tmpdir(), 'switchyard-test-'))
  t.after(() => rmSync(home, { recursive: true, force: true }))
  const secrets = ['canary-of-alice-0123456789', 'canary-of-a-hook-0123456789']
  const config = `
clients: [{ name: alice, key: ${secrets[0]}, freeOnly: true, usdPerDay: 1 }]
aliases: { fast: gpt-oss:20b }
routing: { attempts: 3, firstContentSeconds: 45 }
policy: { ceilings: [{ lane: paid, usdPerMonth: 5 }] }
ledger: { keepDays: { attempts: 30 } }
notify:
  targets: [{ type: webhook, name: pager, url: 'https://example.com/${secrets[1]}', events: [key-dead] }]
  quiet: { from: '22:00', until: '07:30', zone: Europe/Berlin }
`
  writeFileSync(join(home, 'switchyard.yaml'), config, { mode: 0o600 })
  const loaded = load({ environment: { SWITCHYARD_HOME: home } })
  await using stand = await openStand({
    home,
    gateway: { settings: () => settingsShown(loaded, notifySettings(loaded, {}), true), sandbox: true },
  })
  await using open = await openPage(browser, stand, '/health')
  const { page } = open
  await settled(page)
  const fact = async (title: string, name: string): Promise<string> =>
    part(page, title)
      .locator('.fact', { has: page.getByText(name, { exact: true }) })
      .locator('dd')
      .innerText()
  assert.equal(await fact('Gateway', 'Address'), stand.gateway.url)
  assert.equal(await fact('Gateway', 'Home'), home)
  assert.equal(await fact('Routing', 'Calls a request may cost'), '3')
  assert.equal(await fact('Routing', 'Longest wait for the first content'), '45s')
  assert.equal(await fact('Policy', 'Ceiling: paid lane, per month'), '$5.00')
  assert.equal(await fact('Policy', 'Ceiling: client alice, per day'), '$1.00')
  assert.equal(await fact('Policy', 'Clients'), 'default, alice (free only)')
  assert.equal(await fact('Notifications', 'pager (webhook)'), 'key-dead')
  assert.match(await fact('Notifications', 'Quiet hours'), /^22:00 to 07:30 Europe\/Berlin/)
  await part(page, 'Aliases').getByRole('row', { name: 'fast gpt-oss:20b' }).waitFor()
  await part(page, 'Providers')
    .getByRole('row', { name: /^openrouter OpenRouter/ })
    .waitFor()
  const kept = 'single calls 30 days, sums of hours 400 days, sums of days for ever'
  await part(page, 'Ledger').getByText(kept).waitFor()
  assert.deepEqual(secretsIn(await page.content(), [...secrets, adminKey]), [])
})
