import type { Target } from '../target.ts'

/** Where a terminal's lines go: stderr of the running gateway. */
export interface TerminalPort {
  readonly isTerminal: boolean
  write(text: string): void
}

/** A line on stderr; where that is a terminal also its bell, and with `desktop` what many show as a desktop message (OSC 9). */
export function terminalTarget(
  name: string,
  { bell, desktop }: { readonly bell: boolean; readonly desktop: boolean },
  port: TerminalPort,
): Target {
  return {
    name,
    digests: true,
    async send({ title, lines }) {
      const ring = port.isTerminal && bell ? '\u0007' : ''
      const pop = port.isTerminal && desktop ? `\u001B]9;${title}\u0007` : ''
      port.write(`${ring}${pop}${[`Switchyard: ${title}`, ...lines.map((line) => `  ${line}`)].join('\n')}\n`)
      return { ok: true, detail: 'written to stderr' }
    },
  }
}
