import assert from 'node:assert/strict'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { after, test } from 'node:test'
import { parse, stringify } from 'yaml'
import { runTool } from './tools.ts'

interface Rule {
  readonly alert?: string
  readonly record?: string
  expr: string
}

const root = resolve(import.meta.dirname, '../..')
const rulesFile = join(root, 'grafana/alerts.yml')
const unitTests = join(import.meta.dirname, 'alerts.test.yml')
const readRules = () =>
  parse(readFileSync(rulesFile, 'utf8')) as { readonly groups: { readonly rules: Rule[] }[] }
const alerts = readRules().groups.flatMap(({ rules }) => rules.flatMap(({ alert }) => alert ?? []))

const folder = mkdtempSync(join(tmpdir(), 'switchyard-rules-'))
after(() => rmSync(folder, { recursive: true }))

test('the rules are well formed', async () => {
  const { code, out } = await runTool('promtool', ['check', 'rules', '--lint=all', '--lint-fatal', rulesFile])
  assert.equal(code, 0, out)
})

test('every alert fires when it should and not before', async () => {
  const { code, out } = await runTool('promtool', ['test', 'rules', unitTests])
  assert.equal(code, 0, out)
})

/** The unit tests against rules of which one never fires. */
async function testsWithout(alert: string): Promise<number> {
  const place = join(folder, alert)
  mkdirSync(join(place, 'test/monitoring'), { recursive: true })
  mkdirSync(join(place, 'grafana'))
  const changed = readRules()
  for (const { rules } of changed.groups)
    for (const rule of rules) if (rule.alert === alert) rule.expr = 'vector(1) > 2'
  writeFileSync(join(place, 'grafana/alerts.yml'), stringify(changed))
  const copy = join(place, 'test/monitoring/alerts.test.yml')
  cpSync(unitTests, copy)
  return (await runTool('promtool', ['test', 'rules', copy])).code
}

for (const alert of alerts) {
  test(`the unit tests notice when ${alert} never fires`, async () => {
    assert.notEqual(await testsWithout(alert), 0)
  })
}

test('what compose mounts from the repository is there', () => {
  const { services } = parse(readFileSync(join(root, 'grafana/compose.yml'), 'utf8')) as {
    readonly services: Readonly<Record<string, { readonly volumes?: readonly string[] }>>
  }
  const mounted = Object.values(services).flatMap(({ volumes = [] }) =>
    volumes.map((each) => each.split(':')[0] ?? ''),
  )
  const own = mounted.filter((path) => path.startsWith('.'))
  assert.equal(own.length, 5)
  for (const path of own) assert.ok(existsSync(join(root, 'grafana', path)), path)
})

test('what compose gives to Prometheus is a config that it takes', async () => {
  const config = parse(readFileSync(join(root, 'grafana/prometheus.yml'), 'utf8')) as {
    scrape_configs: { authorization: { credentials_file: string } }[]
  }
  // The secret is a file that only a container has.
  for (const { authorization } of config.scrape_configs) {
    authorization.credentials_file = join(folder, 'key')
    writeFileSync(authorization.credentials_file, 'key')
  }
  cpSync(rulesFile, join(folder, 'alerts.yml'))
  writeFileSync(join(folder, 'prometheus.yml'), stringify(config))
  const { code, out } = await runTool('promtool', ['check', 'config', join(folder, 'prometheus.yml')])
  assert.equal(code, 0, out)
})
