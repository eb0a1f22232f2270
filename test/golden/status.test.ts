import assert from 'node:assert/strict'
import { stripVTControlCharacters, styleText } from 'node:util'
import { test } from 'node:test'
import { forecastText } from '../../src/cli/status/forecast-text.ts'
import { renderStatus } from '../../src/cli/status/render.ts'
import { type Paint, plainPaint } from '../../src/cli/terminal/paint.ts'
import { assertGolden } from '../support/golden.ts'
import { busy, now } from './status-picture.ts'

const gateway = 'http://127.0.0.1:4141'
const view = (width: number, timeZone: string) => ({ width, paint: plainPaint, now, timeZone })

for (const [width, zone, place] of [
  [80, 'Europe/Berlin', 'berlin'],
  [120, 'UTC', 'utc'],
] as const) {
  test(`a busy status at ${width} columns, read in ${zone}`, () => {
    const text = renderStatus(busy, gateway, view(width, zone))
    assertGolden(`status-${width}-${place}.txt`, text)
    for (const line of text.split('\n')) assert.ok(line.length <= width, line)
  })
}

test('in a pipe nothing is cut or broken', () => {
  const text = renderStatus(busy, gateway, view(Infinity, 'UTC'))
  assert.match(text, /free-models-per-day\. Add 10 credits to unlock 1000 free model requests per day$/m)
})

test('colours change nothing but colours', () => {
  const colour =
    (name: 'red' | 'dim') =>
    (text: string): string =>
      styleText(name, text, { validateStream: false })
  const red = colour('red')
  const paint: Paint = {
    ...plainPaint,
    bold: colour('dim'),
    dim: colour('dim'),
    red,
    green: red,
    yellow: red,
  }
  const coloured = renderStatus(busy, gateway, { ...view(80, 'UTC'), paint })
  assert.notEqual(coloured, stripVTControlCharacters(coloured))
  assert.equal(stripVTControlCharacters(coloured), renderStatus(busy, gateway, view(80, 'UTC')))
})

test('the forecast is one sentence, whatever is left', () => {
  const outlook = {
    window: 'day',
    metric: 'requests',
    lane: 'free',
    max: 50,
    perHour: 0,
    backAt: '2026-11-24T00:00:00.000Z',
  } as const
  const said = (members: object): string =>
    forecastText({ ...outlook, left: 50, ...members }, { now, timeZone: 'UTC' })
  assert.equal(
    said({}),
    'free past the reset, back 00:00 UTC (in 11h 25m): 50 of 50 requests left, none used lately',
  )
  assert.equal(
    said({ left: 29, perHour: 5.6, emptyAt: '2026-11-23T17:40:00.000Z' }),
    'free until 17:40, back 00:00 UTC (in 11h 25m): 29 of 50 requests left, 5.6 an hour lately',
  )
  assert.equal(
    said({ left: 0, emptyAt: '2026-11-23T12:34:56.000Z' }),
    'free quota spent, back 00:00 UTC (in 11h 25m)',
  )
  assert.equal(
    said({ metric: 'nano-usd', lane: 'all', left: 1.5e9, max: 2e9, perHour: 2e8 }),
    'room past the reset, back 00:00 UTC (in 11h 25m): $1.50 of $2.00 left, $0.20 an hour lately',
  )
})
