import type { Notice } from './notice.ts'

/** Every service takes at least this much: Discord has the smallest limit, 2,000 characters. */
const maxLength = 1900
const maxTitles = 20

/** The message as plain text: the title, then a line for each fact. */
export function plainText({ title, lines }: Pick<Notice, 'title' | 'lines'>): string {
  return cut([title, ...lines].join('\n'))
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
  return text.length <= maxLength ? text : `${text.slice(0, maxLength - 1)}…`
}
