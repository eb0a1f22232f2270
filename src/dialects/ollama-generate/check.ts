import type { Json } from '../../chat/types.ts'
import type { RequestProblem } from '../dialect.ts'
import { asObject } from '../lenient.ts'
import { checkControls, checkImages } from '../ollama/check.ts'
import { checkTypes, notAnObject } from '../problems.ts'

/** Unknown members and options are never a problem. */
export function check(body: Json): RequestProblem | undefined {
  const object = asObject(body)
  if (object === undefined) return notAnObject(body)
  return (
    checkTypes(object, ['model', 'prompt', 'suffix', 'system', 'template'], 'string') ??
    checkTypes(object, ['raw'], 'boolean') ??
    checkImages(object.images, () => 'images') ??
    checkControls(object)
  )
}
