import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import type { Status } from '../../src/routing/status.ts'
import { adminKey, type Stand } from '../support/stand.ts'

const usualPlaces = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/** Chromium as the machine has it. `CHROMIUM` names another one. */
export async function openBrowser(): Promise<Browser> {
  const path = process.env['CHROMIUM'] ?? usualPlaces.find((each) => existsSync(each))
  assert.ok(path, 'no Chromium found: install it (Debian: apt-get install chromium) or name it in CHROMIUM')
  // Without its own sandbox: where tests run as root it does not start, and it sees pages of ours only.
  return chromium.launch({ executablePath: path, args: ['--no-sandbox', '--disable-dev-shm-usage'] })
}

export interface PageOptions {
  /** Default 1280. */
  readonly width?: number
  /** Default 900. */
  readonly height?: number
  /** Default `light`. */
  readonly scheme?: 'light' | 'dark'
}

/** A page of the dashboard in a browser of its own, and what went wrong on it. */
export interface OpenPage extends AsyncDisposable {
  readonly page: Page
  readonly context: BrowserContext
  /** Errors, violations of the content security policy, dialogs, and requests to elsewhere; empty when all is well. */
  readonly trouble: string[]
}

/** Opens the dashboard at a path below /dashboard and logs in. Disposing it fails when there was trouble. */
export async function openPage(
  browser: Browser,
  stand: Stand,
  path = '/',
  { width = 1280, height = 900, scheme = 'light' }: PageOptions = {},
): Promise<OpenPage> {
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: scheme,
    locale: 'en-GB',
    timezoneId: 'UTC',
    reducedMotion: 'reduce',
  })
  context.setDefaultTimeout(10_000)
  const page = await context.newPage()
  const trouble = watch(page, stand.gateway.url)
  await page.goto(`${stand.gateway.url}/dashboard${path}`)
  await page.getByLabel('Admin key').fill(adminKey)
  await page.getByRole('button', { name: 'Log in' }).click()
  await page.getByText('live', { exact: true }).waitFor()
  return {
    page,
    context,
    trouble,
    async [Symbol.asyncDispose]() {
      await context.close()
      assert.deepEqual(trouble, [])
    },
  }
}

/** From its next load on the page is told this, by the stream (which then ends) and where it asks without one. */
export async function tellStatus(page: Page, status: Status): Promise<void> {
  const json = JSON.stringify(status)
  await page.route('**/admin/live', (route) =>
    route.fulfill({ contentType: 'text/event-stream', body: `event: status\ndata: ${json}\n\n` }),
  )
  await page.route('**/admin/status', (route) =>
    route.fulfill({ contentType: 'application/json', body: json }),
  )
}

function watch(page: Page, own: string): string[] {
  const trouble: string[] = []
  page.on('console', (message) => {
    const text = message.text()
    // What the gateway refuses is shown on the page; that the browser says so too is no trouble.
    if (message.type() === 'error' && !text.startsWith('Failed to load resource')) trouble.push(text)
  })
  page.on('pageerror', (error) => trouble.push(String(error)))
  page.on('dialog', (dialog) => {
    trouble.push(`dialog: ${dialog.message()}`)
    void dialog.dismiss()
  })
  page.on('request', (request) => {
    const url = request.url()
    if (!url.startsWith(own) && !url.startsWith('blob:')) trouble.push(`request to ${url}`)
  })
  return trouble
}

/** Nothing is on its way any more, but the live stream, which never ends. */
export async function settled(page: Page): Promise<void> {
  await page.locator('h1').first().waitFor()
  await page.locator('main .loading').first().waitFor({ state: 'detached' })
}
