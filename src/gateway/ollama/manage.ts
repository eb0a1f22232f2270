import { RouterError } from '../../errors.ts'
import type { Handler, Route } from '../route.ts'
import { sendLine } from './lines.ts'
import { knownModel } from './models.ts'
import { readNamed } from './named.ts'

/** POST /api/pull: a model that is known needs no pulling, and clients that pull before they ask go on. */
export const pull: Handler = async ({ request, response, context }) => {
  const { name, stream } = await readNamed(request)
  await knownModel(context.core, name)
  sendLine(response, { status: 'success' }, stream, context.headers)
}

/** What an Ollama server does to the models on its disk, and to the account of its owner. */
export const unmanaged: readonly Route[] = (
  [
    ['POST', '/api/create'],
    ['POST', '/api/copy'],
    ['POST', '/api/push'],
    ['DELETE', '/api/delete'],
    ['GET', '/api/blobs/'],
    ['POST', '/api/blobs/'],
    ['POST', '/api/me'],
    ['POST', '/api/signout'],
  ] as const
).map(([method, path]) => ({ method, path, access: 'client', handle: refuse }))

function refuse(): never {
  throw new RouterError(
    'not_implemented',
    'this gateway holds no models of its own: they are managed at the services behind it',
  )
}
