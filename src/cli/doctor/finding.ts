import type { View } from '../terminal/view.ts'
import { wrap } from '../terminal/table.ts'

/** One thing that was looked at. The stable shape of `doctor --json`. */
export interface Finding {
  /** What was looked at, e.g. `keys`; the same for all findings of one kind. */
  readonly check: string
  /** `error`: something does not work; `warning`: it works, but not as one would think. */
  readonly level: 'ok' | 'warning' | 'error'
  readonly what: string
  /** What to do; missing when all is well. */
  readonly fix?: string
}

export function ok(check: string, what: string): Finding {
  return { check, level: 'ok', what }
}

export function warning(check: string, what: string, fix: string): Finding {
  return { check, level: 'warning', what, fix }
}

export function problem(check: string, what: string, fix: string): Finding {
  return { check, level: 'error', what, fix }
}

/** A line per finding with its fix below, and a sum. */
export function renderFindings(findings: readonly Finding[], view: View): string {
  const { paint } = view
  const marks = { ok: paint.green('ok     '), warning: paint.yellow('warning'), error: paint.red('error  ') }
  const lines = findings.flatMap(({ check, level, what, fix }) => {
    const margin = ' '.repeat(9)
    const [first = '', ...more] = wrap(`${check}: ${what}`, view.width, margin)
    const repair = fix === undefined ? [] : wrap(`→ ${fix}`, view.width, margin)
    return [`${marks[level]}  ${first.trimStart()}`, ...more, ...repair.map((line) => paint.cyan(line))]
  })
  const count = (level: Finding['level']): number => findings.filter((each) => each.level === level).length
  const [errors, warnings] = [count('error'), count('warning')]
  const sum =
    errors + warnings === 0
      ? paint.green('Everything is well.')
      : `${errors} error${errors === 1 ? '' : 's'}, ${warnings} warning${warnings === 1 ? '' : 's'}.`
  return [...lines, '', sum].join('\n')
}
