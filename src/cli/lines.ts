const columns = 80

/** Text broken at spaces so that no line passes 80 columns; those after the first are indented by `hang`. */
export function wrapped(text: string, hang: number): string {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(/(?<=\S) /)) {
    const longer = line === '' ? word : `${line} ${word}`
    if (longer.length <= columns || line === '') line = longer
    else {
      lines.push(line)
      line = ' '.repeat(hang) + word.trimStart()
    }
  }
  return [...lines, line].join('\n')
}

/** An ISO time for people: to the second, in UTC. */
export function clockTime(iso: string): string {
  return /^\d{4}-/.test(iso) ? `${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC` : iso
}

export function counted(value: number): string {
  return value.toLocaleString('en-US')
}
