import { isRouterError, RouterError } from '../errors.ts'
import type { Exchange } from './route.ts'
import { isShutdown, shutdownError } from './shutdown.ts'

/** What a client may know of an error: ours as it is; of anything else, which goes to the log, only that it happened. */
export function knownError(
  error: unknown,
  { signal, context, id }: Pick<Exchange, 'signal' | 'context' | 'id'>,
): RouterError {
  // To the router our own shutdown looks like a client that left.
  if (isShutdown(signal)) return shutdownError()
  if (isRouterError(error) && error.code !== 'internal') return error
  context.log.warn('a request failed inside the gateway', {
    id,
    error: error instanceof Error ? error.stack : String(error),
  })
  return isRouterError(error)
    ? error
    : new RouterError('internal', 'the gateway failed; its log says more', { cause: error })
}
