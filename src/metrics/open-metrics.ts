/** The two forms that figures are told in. */
export type Format = 'text' | 'open-metrics'

export const contentTypes: Readonly<Record<Format, string>> = {
  text: 'text/plain; version=0.0.4; charset=utf-8',
  'open-metrics': 'application/openmetrics-text; version=1.0.0; charset=utf-8',
}

/** What an Accept header prefers; the older form unless the other one is named and liked at least as well. */
export function negotiate(accept: string): Format {
  const open = quality(accept, /^application\/openmetrics-text$/)
  const text = quality(accept, /^(?:text\/plain|text\/\*|\*\/\*)$/)
  return open > 0 && open >= text ? 'open-metrics' : 'text'
}

/** The highest q of the media ranges that match; 0 when none does. */
function quality(accept: string, wanted: RegExp): number {
  let best = 0
  for (const range of accept.toLowerCase().split(',')) {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim())
    if (!wanted.test(type)) continue
    const q = parameters.find((each) => each.startsWith('q='))?.slice(2) ?? '1'
    best = Math.max(best, Number.isFinite(Number(q)) ? Number(q) : 0)
  }
  return best
}

const units = /_(seconds|bytes|dollars)$/

/**
 * Prometheus text as OpenMetrics. The library has a mode of its own for that, but it renames the counters for good, so
 * that the older form is wrong afterwards (github.com/prometheus/client_js/pull/829), and it names no units.
 */
export function toOpenMetrics(text: string): string {
  const lines = text.split('\n').filter((line) => line !== '')
  const counters = new Set(
    lines
      .flatMap((line) => /^# TYPE (\S+)_total counter$/.exec(line)?.[1] ?? [])
      .map((name) => `${name}_total`),
  )
  const out: string[] = []
  for (const line of lines) {
    const [, keyword, name, rest] = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line) ?? []
    if (keyword === undefined || name === undefined) {
      out.push(line.replace(/ Nan$/, ' NaN'))
      continue
    }
    const family = counters.has(name) ? name.slice(0, -'_total'.length) : name
    const unit = units.exec(family)?.[1]
    out.push(`# ${keyword} ${family} ${keyword === 'HELP' ? (rest ?? '').replaceAll('"', '\\"') : rest}`)
    if (keyword === 'TYPE' && unit !== undefined) out.push(`# UNIT ${family} ${unit}`)
  }
  return `${out.join('\n')}\n# EOF\n`
}
