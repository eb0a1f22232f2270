import type { Json } from '../../chat/types.ts'
import { readList, readObject, readText } from '../bodies.ts'

/** Reads a top-level member of a client's request. */
type Member = (name: string) => Json | undefined

/**
 * What `/responses` cannot be trusted with as the client wrote it: tools other than functions (Codex names namespaces
 * and hosted search, https://github.com/openai/codex/issues/26234), and reasoning that this router sealed itself, which
 * nobody else can read.
 */
export function responsesLacks(member: Member): boolean {
  const foreignTool = readList(member('tools')).some((tool) => readObject(tool)?.['type'] !== 'function')
  return foreignTool || readList(member('input')).some(isSealedHere)
}

function isSealedHere(item: Json): boolean {
  return readText(readObject(item)?.['encrypted_content'])?.startsWith('switchyard.') === true
}

/**
 * `/messages` takes a list of further models under a name of its own, which may cost money: a client's wish for those
 * does not go out with a call that is to cost nothing.
 */
export function messagesLacks(member: Member): boolean {
  return member('fallbacks') !== undefined
}
