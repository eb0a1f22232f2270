import { styleText } from 'node:util'

/** Colours for words on a terminal. */
export type Paint = Readonly<Record<PaintName, (text: string) => string>>

type PaintName = (typeof names)[number]

const names = ['bold', 'dim', 'red', 'green', 'yellow', 'cyan'] as const

/** Coloured on a terminal only; `NO_COLOR`, `NODE_DISABLE_COLORS` and `FORCE_COLOR` are honoured (https://no-color.org). */
export function paintFor(stream: NodeJS.WriteStream): Paint {
  return each((name) => (text) => styleText(name, text, { stream }))
}

/** No colours at all. */
export const plainPaint: Paint = each(() => (text) => text)

function each(make: (name: PaintName) => (text: string) => string): Paint {
  return Object.fromEntries(names.map((name) => [name, make(name)])) as Paint
}
