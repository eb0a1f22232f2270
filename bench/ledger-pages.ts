import { openBrowser, settled } from '../test/dashboard/browser.ts'

const paths = [
  '/',
  '/requests',
  '/requests?fault=credential',
  '/usage?since=today',
  '/usage?since=90d&by=model',
  '/models',
  '/keys',
  '/clients',
  '/health',
  '/playground',
]
const times = 5

/** What a reader waits for, page by page, each opened anew in a browser that has its files: medians in milliseconds. */
export async function measurePages(url: string, adminKey: string): Promise<void> {
  const browser = await openBrowser()
  const page = await browser.newPage()
  await page.goto(`${url}/dashboard/`)
  await page.getByLabel('Admin key').fill(adminKey)
  await page.getByRole('button', { name: 'Log in' }).click()
  await page.getByText('live', { exact: true }).waitFor()
  console.log('\n| page | first paint ms | figures shown ms |\n| --- | --- | --- |')
  for (const path of paths) {
    const paints: number[] = []
    const shown: number[] = []
    for (let time = 0; time < times; time += 1) {
      await page.goto(`${url}/dashboard${path}`)
      await settled(page)
      const [paint, now] = (await page.evaluate(
        `[performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? NaN, performance.now()]`,
      )) as [number, number]
      paints.push(paint)
      shown.push(now)
    }
    console.log(`| ${path} | ${median(paints)} | ${median(shown)} |`)
  }
  await browser.close()
}

function median(values: readonly number[]): string {
  return (values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN).toFixed(0)
}
