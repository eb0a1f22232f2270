import type { Json } from '../../chat/types.ts'
import type { RequestProblem } from '../dialect.ts'
import { asObject, isList, type Loose } from '../lenient.ts'
import { checkTypes, notAnObject, wrong } from '../problems.ts'

/** Unknown members and options are never a problem. */
export function check(body: Json): RequestProblem | undefined {
  const object = asObject(body)
  if (object === undefined) return notAnObject(body)
  return (
    checkTypes(object, ['model'], 'string') ??
    checkTypes(object, ['dimensions'], 'number') ??
    checkTypes(object, ['truncate'], 'boolean') ??
    checkTypes(object, ['options'], 'object') ??
    checkInput(object.input)
  )
}

function checkInput(input: Loose): RequestProblem | undefined {
  const fine = typeof input === 'string' || (isList(input) && input.every((text) => typeof text === 'string'))
  return fine ? undefined : wrong('input', 'a text or a list of texts', input)
}
