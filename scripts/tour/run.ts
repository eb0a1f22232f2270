// Writes docs/guides/tour.md. Run: node scripts/tour/run.ts   (npm run docs:tour)
import { writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { playTour } from './tour.ts'

const page = resolve(import.meta.dirname, '../../docs/guides/tour.md')
writeFileSync(page, await playTour())
console.log(`${page} is written`)
