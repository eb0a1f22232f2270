import type { Json } from '../../chat/types.ts'
import type { RequestProblem } from '../dialect.ts'
import { asObject, isList, type Loose } from '../lenient.ts'
import { checkTypes, notAnObject, wrong } from '../problems.ts'

/** Unknown members are never a problem: the upstream may know them. */
export function check(body: Json): RequestProblem | undefined {
  const object = asObject(body)
  if (object === undefined) return notAnObject(body)
  return (
    checkTypes(object, ['model', 'encoding_format'], 'string') ??
    checkTypes(object, ['dimensions'], 'number') ??
    checkInput(object.input)
  )
}

/** A text, tokens, or a list of either; objects are OpenRouter's way to embed pictures. */
function checkInput(input: Loose): RequestProblem | undefined {
  const fine =
    (typeof input === 'string' && input !== '') ||
    (isList(input) && input.length > 0 && (input.every(isToken) || input.every(isInput)))
  return fine ? undefined : wrong('input', 'a text, a list of texts, or tokens', input)
}

function isInput(value: Json): boolean {
  return typeof value === 'string' || (isList(value) && value.every(isToken)) || asObject(value) !== undefined
}

function isToken(value: Json): boolean {
  return Number.isInteger(value)
}
