import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { test } from 'node:test'
import { playTour } from '../scripts/tour/tour.ts'

test('the tour in the docs is what the commands really show; npm run docs:tour writes it anew', async () => {
  const page = readFileSync(resolve(import.meta.dirname, '../docs/guides/tour.md'), 'utf8')
  const written = page.split('\n')
  const played = (await playTour()).split('\n')
  // The first line that differs says more than two whole pages.
  const at = played.findIndex((line, index) => line !== written[index])
  assert.equal(played[at], written[at], `line ${at + 1}`)
  assert.equal(played.length, written.length)
})
