import { isRouterError, RouterError } from '../errors.ts'

/** What was typed on the command line cannot be: exit code 2. Everything else that is refused ends with 1. */
export class WrongUsage extends RouterError {
  constructor(message: string, options?: { readonly cause?: unknown }) {
    super('invalid_request', message, options)
    this.name = 'WrongUsage'
  }
}

/** Runs what reads a flag or an argument and nothing else; what it refuses was typed wrong. */
export function typed<Value>(read: () => Value): Value {
  try {
    return read()
  } catch (error) {
    if (!isRouterError(error)) throw error
    throw new WrongUsage(error.message, { cause: error })
  }
}
