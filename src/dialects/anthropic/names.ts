import { hash } from 'node:crypto'
import { RequestError } from '../../errors.ts'

const maxNameLength = 128
// Of tools: https://platform.claude.com/docs/en/agents-and-tools/tool-use/implement-tool-use
const legalName = /^[A-Za-z0-9_-]{1,128}$/
const legalId = /^[A-Za-z0-9_-]{1,64}$/
const mark = 'esc_'

/**
 * A tool's name as this wire takes it. Other services allow dots, slashes and spaces; these are written as their bytes
 * in hexadecimal, so that `readName` finds the client's name again in the answer without remembering anything.
 */
export function writeName(name: string): string {
  if (legalName.test(name) && readName(name) === name) return name
  const escaped = escape(name)
  if (escaped.length <= maxNameLength) return escaped
  throw new RequestError(
    'invalid_request',
    `a tool's name must be at most ${maxNameLength} letters, digits, "_" and "-" on this route; got "${name.slice(0, 40)}…"`,
    'tools',
  )
}

/** The name a client gave its tool. Names that `writeName` did not make stay as they are. */
export function readName(name: string): string {
  if (!name.startsWith(mark) || name.length > maxNameLength) return name
  try {
    const plain = decodeURIComponent(name.slice(mark.length).replaceAll('-', '%'))
    const needed = !legalName.test(plain) || readName(plain) !== plain
    return needed && escape(plain) === name ? plain : name
  } catch {
    return name
  }
}

function escape(name: string): string {
  const bytes = (character: string): string =>
    [...Buffer.from(character)].map((byte) => `-${byte.toString(16).padStart(2, '0')}`).join('')
  return mark + name.replaceAll(/[^A-Za-z0-9_]/gu, bytes)
}

/** Clients compare ids only for equality, so one that this wire refuses is replaced by a hash of it. */
export function writeId(id: string): string {
  return legalId.test(id) ? id : `call_${hash('sha256', id).slice(0, 24)}`
}
