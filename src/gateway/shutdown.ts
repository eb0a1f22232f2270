import { RouterError } from '../errors.ts'

const message = 'the gateway is shutting down; send the request again in a moment'

/** Why a request that outlasts the drain is aborted. */
export function shutdownReason(): DOMException {
  return new DOMException(message, 'TimeoutError')
}

/** Whether the gateway itself ended the request, as opposed to its client leaving. */
export function isShutdown(signal: AbortSignal): boolean {
  return signal.aborted && signal.reason instanceof DOMException && signal.reason.name === 'TimeoutError'
}

export function shutdownError(): RouterError {
  return new RouterError('unavailable', message)
}
