import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { after, before, test } from 'node:test'
import type { AxeResults } from 'axe-core'
import type { Browser, Page } from 'playwright-core'
import { ask, openStand, type Stand } from '../support/stand.ts'
import { openBrowser, openPage, settled } from './browser.ts'
import { hostileFronts, hostileTexts, poisoned } from './hostile.ts'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

let browser: Browser
let stand: Stand
before(async () => {
  browser = await openBrowser()
  stand = await openStand()
  // Something of everything: answers, a failover, a refusal, a paid call, a stream.
  for (let index = 0; index < 5; index++) await stand.chat(ask('hi'))
  stand.simulator.addFault({ provider: 'openrouter', kind: 'upstream-429' })
  await stand.chat(ask('hi', { stream: true })).then((reply) => reply.text())
  stand.simulator.addFault({ provider: 'ollama', kind: 'weekly-limit' })
  await stand.chat(ask('hi', { model: 'gpt-oss:120b' }))
  await stand.chat(ask('hi', { model: 'nobody-has-this' }))
})
after(async () => {
  await stand[Symbol.asyncDispose]()
  await browser.close()
})

/** Every page, by the navigation itself. */
async function pathsOf(page: Page): Promise<readonly string[]> {
  const links = await page.getByRole('navigation', { name: 'Pages' }).getByRole('link').all()
  return Promise.all(links.map(async (link) => (await link.getAttribute('href')) ?? ''))
}

async function goTo(page: Page, path: string): Promise<void> {
  await page.locator(`nav a[href="${path}"]`).click()
  await page.locator(`nav a[href="${path}"][aria-current="page"]`).waitFor()
  await settled(page)
}

/** Colours are those of narrower screens, so one scheme is enough for the largest. */
const screens = [
  { scheme: 'light', width: 360, height: 900 },
  { scheme: 'dark', width: 360, height: 900 },
  { scheme: 'light', width: 1280, height: 900 },
  { scheme: 'dark', width: 1280, height: 900 },
  { scheme: 'dark', width: 3840, height: 2160 },
] as const

for (const screen of screens) {
  const { scheme, width } = screen
  test(`every page is accessible and fits: ${scheme}, ${width} px`, async () => {
    await using open = await openPage(browser, stand, '/', screen)
    const { page } = open
    const paths = await pathsOf(page)
    assert.equal(paths.length, 8)
    await page.evaluate(axe)
    for (const path of paths) {
      await goTo(page, path)
      assert.equal(await page.locator('h1').count(), 1, path)
      const found = await page.evaluate(() =>
        (window as unknown as { axe: { run(): Promise<AxeResults> } }).axe.run(),
      )
      const serious = found.violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
      assert.deepEqual(
        serious.map(({ id, nodes }) => [id, nodes.slice(0, 3).map(({ html }) => html)]),
        [],
        path,
      )
      const sideways = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      )
      assert.ok(sideways <= 0, `${path} is ${sideways} px too wide`)
      if (width > 2000) assert.deepEqual(await page.evaluate(lostOnLargeScreen), [], path)
    }
  })
}

/** Runs in the page: what makes it hard to use on a large screen. */
function lostOnLargeScreen(): readonly string[] {
  const middle = window.innerWidth / 2
  const box = (selector: string): DOMRect =>
    document.querySelector(selector)?.getBoundingClientRect() ?? new DOMRect()
  const [main, heading, brand, tools] = [box('main'), box('h1'), box('.brand'), box('.shell-tools')]
  const textSize = Number.parseFloat(getComputedStyle(document.documentElement).fontSize)
  const lines = [...document.querySelectorAll('main :is(p, dd, .notice, .foreign)')].flatMap((block) => {
    const text = document.createRange()
    text.selectNodeContents(block)
    const longest = Math.max(0, ...[...text.getClientRects()].map(({ width }) => width))
    return longest > 60.5 * textSize ? [`a line too long to read: ${block.textContent}`] : []
  })
  return [
    ...(textSize < 18 ? [`text of ${textSize} px`] : []),
    ...(main.width < middle ? [`only ${main.width} px are used`] : []),
    ...(Math.abs((main.left + main.right) / 2 - middle) > 16 ? ['the page stands beside the middle'] : []),
    ...(Math.abs(brand.left - heading.left) > 2 ? ['the navigation begins elsewhere than the page'] : []),
    ...(tools.right > main.right ? ['the tools lie beyond the page'] : []),
    ...lines,
  ]
}

test('a long answer is read in lines of a bearable length on the largest screen', async () => {
  await using open = await openPage(browser, stand, '/playground', { width: 3840, height: 2160 })
  const { page } = open
  await page.route('**/admin/chat', async (route) => {
    const piece = {
      choices: [{ delta: { content: 'word '.repeat(200), reasoning: 'thought '.repeat(200) } }],
    }
    const body = `data: ${JSON.stringify(piece)}\n\ndata: [DONE]\n\n`
    await route.fulfill({ contentType: 'text/event-stream', body })
  })
  await page.getByRole('textbox', { name: 'Your message' }).fill('Tell me a long story. '.repeat(20))
  await page.keyboard.press('Enter')
  await page.locator('.figures').waitFor()
  await page.getByText('Reasoning').click()
  assert.deepEqual(await page.evaluate(lostOnLargeScreen), [])
})

test('on a narrow screen the navigation shows where one is, however one came there', async () => {
  await using open = await openPage(browser, stand, '/playground', { width: 360 })
  const seen = async (name: string): Promise<void> => {
    const link = open.page.getByRole('navigation').locator('[aria-current]', { hasText: name })
    const { left, right } = await link.evaluate((each) => each.getBoundingClientRect().toJSON() as DOMRect)
    assert.ok(left >= 0 && right <= 360, `${name} stands from ${left} to ${right} px`)
  }
  await seen('Playground')
  await open.page.locator('.brand').click()
  await seen('Now')
  await open.page.goto(`${stand.gateway.url}/dashboard/health`)
  await seen('Health')
})

test('the check for accessibility bites: a bare image and a faint text are found', async () => {
  await using open = await openPage(browser, stand)
  const { page } = open
  await page.evaluate(axe)
  const found = await page.evaluate(() => {
    const main = document.querySelector('main')
    main?.append(new Image())
    const faint = document.createElement('p')
    faint.textContent = 'faint'
    faint.style.color = '#aaaaab'
    faint.style.background = '#bbbbbc'
    main?.append(faint)
    return (window as unknown as { axe: { run(): Promise<AxeResults> } }).axe.run()
  })
  const ids = found.violations.map(({ id }) => id)
  assert.ok(ids.includes('image-alt') && ids.includes('color-contrast'), ids.join(', '))
})

test('every page can be used by keyboard: each stop is seen, and the way leads through all of them', async () => {
  await using open = await openPage(browser, stand)
  const { page } = open
  for (const path of await pathsOf(page)) {
    await goTo(page, path)
    await page.locator('.skip').focus()
    let stops = 0
    for (; stops < 25; stops++) {
      await page.keyboard.press('Tab')
      const stop = await page.evaluate(() => {
        const at = document.activeElement
        if (at === null || at === document.body) return undefined
        const { outlineStyle, outlineWidth } = getComputedStyle(at)
        return { name: at.outerHTML.slice(0, 80), seen: outlineStyle !== 'none' && outlineWidth !== '0px' }
      })
      if (stop === undefined) break
      assert.ok(stop.seen, `${path}: nothing shows that the focus is on ${stop.name}`)
    }
    // Past the navigation, into the page.
    assert.ok(stops > 11, `${path}: ${stops} stops`)
  }
})

/** Tells when a text runs; the name is what the texts call. */
async function watchHits(page: Page): Promise<string[]> {
  const hits: string[] = []
  await page.exposeFunction('hit', () => void hits.push(page.url()))
  return hits
}

test('hostile text in every field of every answer runs nowhere', async () => {
  assert.ok(hostileTexts.length >= 40)
  await using open = await openPage(browser, stand)
  const { page, trouble } = open
  const hits = await watchHits(page)
  await page.evaluate(() => {
    addEventListener('securitypolicyviolation', (event) =>
      console.error(`policy: ${event.violatedDirective}`),
    )
  })
  let text = ''
  await page.route('**/admin/**', async (route) => {
    if (/\/admin\/(?:live|session)/.test(route.request().url())) return route.continue()
    const response = await route.fetch()
    await route.fulfill({ response, json: poisoned(await response.json(), text) })
  })
  // The live status is a stream: the poisoned one stands in its place.
  await page.route('**/admin/live', async (route) => {
    const status = poisoned(await stand.core.status(), text)
    await route.fulfill({
      contentType: 'text/event-stream',
      body: `event: status\ndata: ${JSON.stringify(status)}\n\n`,
    })
  })
  for (const front of ['', ...hostileFronts]) {
    text = [front, ...hostileTexts].filter((each) => each !== '').join(' ')
    await page.reload()
    await page.locator('nav').waitFor()
    for (const path of await pathsOf(page)) {
      await goTo(page, path)
      // What is only drawn when it is opened.
      for (const summary of await page.locator('main details:not([open]) > summary').all())
        await summary.click()
    }
    assert.deepEqual([hits, trouble], [[], []])
  }
})

test('the hostile texts do run where a page is careless, so that it would be noticed', async () => {
  const context = await browser.newContext()
  const page = await context.newPage()
  const hits = await watchHits(page)
  await page.goto('about:blank')
  for (const text of hostileTexts) await page.evaluate((html) => (document.body.innerHTML = html), text)
  await page.waitForTimeout(200)
  assert.ok(hits.length >= 10, `${hits.length} ran`)
  await context.close()
})
