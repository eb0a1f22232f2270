import type { Notice } from './notice.ts'

// Every service takes at least this much: Discord 2,000 characters (docs.discord.com/developers/resources/webhook),
// ntfy 4,096 bytes (docs.ntfy.sh/publish/#limitations).
const maxLength = 1900
const maxBytes = 4000
const maxTitles = 20

/** The message as plain text: the title, then a line for each fact. `written`: how the service wants letters of its own markup. */
export function plainText(
  { title, lines }: Pick<Notice, 'title' | 'lines'>,
  written: (text: string) => string = (text) => text,
): string {
  return cut(written([title, ...lines].join('\n')))
}

/** Nobody is called by it: an invisible space parts each "@" from what follows. */
export function withoutMentions(text: string): string {
  return text.replaceAll('@', '@\u200b')
}

/** The lines without the title, for services that show a title of their own. */
export function bodyText({ title, lines }: Pick<Notice, 'title' | 'lines'>): string {
  return cut(lines.length === 0 ? title : lines.join('\n'))
}

/** Several messages as one; up to `most` stay as they are. */
export function gathered(notices: readonly Notice[], now: number, most: number): readonly Notice[] {
  if (notices.length <= most) return notices
  const titles = notices.slice(0, maxTitles).map(({ title }) => `- ${title}`)
  const more = notices.length - titles.length
  return [
    {
      kind: 'digest',
      subject: 'digest',
      urgent: notices.some(({ urgent }) => urgent),
      at: now,
      title: `${notices.length} messages`,
      lines: [
        ...titles,
        ...(more > 0 ? [`and ${more} more.`] : []),
        '"switchyard status" shows how things stand.',
      ],
    },
  ]
}

function cut(text: string): string {
  if (text.length <= maxLength && Buffer.byteLength(text) <= maxBytes) return text
  const head = text.slice(0, maxLength - 1).replace(/[\ud800-\udbff]$/, '')
  const bytes = Buffer.from(head).subarray(0, maxBytes - Buffer.byteLength('…'))
  // As a stream: a letter that is cut in two is left out.
  return `${new TextDecoder().decode(bytes, { stream: true })}…`
}
