import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Page } from 'playwright-core'
import { openBrowser, openPage, settled } from './browser.ts'
import { ask, openStand, type Stand } from '../support/stand.ts'

// The pictures of docs/guides/dashboard.md, taken of a gateway that has had two busy weeks against the simulator.
const folder = resolve(import.meta.dirname, '../../docs/images')
const hour = 3_600_000
const days = 14

const config = `
clients:
  - { name: mail-bot, key: mail-bot-key-0123456789, usdPerDay: 0.5 }
  - { name: night-agent, key: night-agent-key-0123456789, usdPerMonth: 5 }
  - { name: ada, key: ada-key-0123456789, freeOnly: true }
`
const questions: readonly (readonly [client: string, model: string, perDay: number])[] = [
  ['mail-bot-key-0123456789', 'auto', 70],
  ['night-agent-key-0123456789', 'gpt-oss:120b', 14],
  ['night-agent-key-0123456789', 'auto', 60],
  ['ada-key-0123456789', 'nvidia/nemotron-3-super-120b-a12b:free', 9],
]
const pages: readonly (readonly [file: string, path: string, scheme: 'light' | 'dark', width: number])[] = [
  ['now-dark', '/', 'dark', 1280],
  ['requests', '/requests', 'light', 1280],
  ['usage', '/usage?since=30d&show=tokens', 'light', 1280],
  ['usage-dark', '/usage?since=30d&by=client&show=free', 'dark', 1280],
  ['models', '/models', 'light', 1280],
  ['keys', '/keys', 'light', 1280],
  ['clients', '/clients', 'light', 1280],
  ['health', '/health', 'dark', 1280],
  ['now-phone', '/', 'light', 360],
]

const home = mkdtempSync(join(tmpdir(), 'switchyard-pictures-'))
writeFileSync(join(home, 'switchyard.yaml'), config)
mkdirSync(folder, { recursive: true })
try {
  await using stand = await openStand({ home })
  await live(stand)
  const browser = await openBrowser()
  for (const [file, path, scheme, width] of pages) {
    await using open = await openPage(browser, stand, path, { scheme, width })
    await picture(open.page, file)
    console.log(file)
  }
  await using open = await openPage(browser, stand, '/requests', { scheme: 'dark' })
  await open.page.locator('tbody a, tbody button').first().click()
  await picture(open.page, 'request')
  await using chat = await openPage(browser, stand, '/playground?model=auto', { scheme: 'light' })
  await chat.page.getByRole('textbox', { name: /message/i }).fill('Why is the sky blue?')
  await chat.page.getByRole('button', { name: 'Send' }).click()
  await chat.page.locator('.figures').first().waitFor()
  await picture(chat.page, 'playground')
  await browser.close()
} finally {
  rmSync(home, { recursive: true, force: true })
}

/** Two weeks of requests, a few an hour. */
async function live(stand: Stand): Promise<void> {
  for (let at = 0; at < days * 24; at++) {
    stand.clock.advance(hour)
    for (const [key, model, perDay] of questions) {
      const calls = Math.floor(((at + 1) * perDay) / 24) - Math.floor((at * perDay) / 24)
      for (let call = 0; call < calls; call++)
        await stand.chat(ask(`Question ${at}.${call}`, { model }), {
          headers: { authorization: `Bearer ${key}` },
        })
    }
    if (at % 60 === 59) stand.simulator.addFault({ provider: 'openrouter', kind: 'upstream-429' })
  }
}

async function picture(page: Page, file: string): Promise<void> {
  await settled(page)
  // The chart is drawn a moment after its figures are there.
  await page.waitForTimeout(500)
  await page.screenshot({ path: join(folder, `${file}.png`) })
}
