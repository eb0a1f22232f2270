import type { Paint } from './paint.ts'

const eighths = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉']

/** A share as a bar: green while there is room, yellow from 70 %, red from 90 %. */
export function bar(share: number, width: number, paint: Paint): string {
  const part = Math.min(1, Math.max(0, Number.isFinite(share) ? share : 0))
  const steps = Math.round(part * width * 8)
  // What is used at all shows, and a bar is full only when nothing is left.
  const shown = part > 0 && part < 1 ? Math.min(width * 8 - 1, Math.max(1, steps)) : steps
  const filled = '█'.repeat(Math.floor(shown / 8)) + (eighths[shown % 8] ?? '')
  const colour = part >= 0.9 ? paint.red : part >= 0.7 ? paint.yellow : paint.green
  return colour(filled) + paint.dim('░'.repeat(width - filled.length))
}
