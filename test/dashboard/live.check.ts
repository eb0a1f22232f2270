import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { once } from 'node:events'
import { after, before, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { adminKey, ask, openStand, type Stand } from '../support/stand.ts'
import { openBrowser, openPage } from './browser.ts'

let browser: Browser
before(async () => (browser = await openBrowser()))
after(() => browser.close())

interface Way extends Disposable {
  /** As seen from beyond. */
  readonly stand: Stand
  fallSilent(): void
}

/** Between browser and gateway; what goes through it can fall silent, as on a machine that slept. */
async function openWay(stand: Stand): Promise<Way> {
  const sockets: Socket[] = []
  const server = createServer((near) => {
    const far = connect(Number(new URL(stand.gateway.url).port), '127.0.0.1')
    for (const socket of [near, far]) socket.on('error', () => {})
    near.pipe(far).pipe(near)
    sockets.push(near, far)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    stand: { ...stand, gateway: { ...stand.gateway, url } },
    fallSilent: () => sockets.forEach((socket) => socket.unpipe()),
    [Symbol.dispose]() {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}

const used = (page: Page, figures: string): Promise<void> => page.getByText(figures).first().waitFor()

test('a connection that has fallen silent is not taken for one that stands', async () => {
  await using stand = await openStand()
  using way = await openWay(stand)
  await using open = await openPage(browser, way.stand)
  const { page } = open
  await page.clock.install()
  await page.reload()
  await used(page, '0 of 50 requests')
  way.fallSilent()
  await stand.chat(ask('hi'))
  // The browser keeps several connections, and each of them has to be found silent.
  for (let round = 0; round < 8; round++) {
    await page.clock.fastForward(30_000)
    const told = page.getByText('1 of 50 requests').first().waitFor({ timeout: 1000 })
    if (
      await told.then(
        () => true,
        () => false,
      )
    )
      break
  }
  await used(page, '1 of 50 requests')
  await page.getByText('live', { exact: true }).waitFor()
  await stand.chat(ask('hi'))
  await used(page, '2 of 50 requests')
})

test('a page that finds no room among those who look shows the figures all the same', async () => {
  await using stand = await openStand()
  const leaving = new AbortController()
  const watchers = Array.from({ length: 50 }, () =>
    fetch(`${stand.gateway.url}/admin/live`, {
      headers: { authorization: `Bearer ${adminKey}` },
      signal: leaving.signal,
    }),
  )
  await Promise.all(watchers)
  await using open = await openPage(browser, stand)
  await used(open.page, '0 of 50 requests')
  await stand.chat(ask('hi'))
  await used(open.page, '1 of 50 requests')
  leaving.abort()
})

test('a status that cannot be made is told with its reason, on figures of before and without any', async () => {
  await using stand = await openStand()
  await using open = await openPage(browser, stand)
  const { page } = open
  await used(page, '0 of 50 requests')
  const status = stand.core.status.bind(stand.core)
  stand.core.status = () => Promise.reject(new Error('broken'))
  await page.getByText('The gateway cannot say what goes on at present.').waitFor()
  await used(page, '0 of 50 requests')
  await page.reload()
  for (const path of ['/dashboard/', '/dashboard/keys', '/dashboard/health']) {
    await page.locator(`nav a[href="${path}"]`).click()
    await page.getByRole('alert').getByText('The gateway cannot say what goes on at present.').waitFor()
  }
  stand.core.status = status
  await page.getByText('Everything is well.').waitFor()
})
