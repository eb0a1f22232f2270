import type { ChatEvent } from '../chat/types.ts'
import { asObject, asText, type Loose } from './lenient.ts'

type ErrorEvent = Extract<ChatEvent, { type: 'error' }>

/**
 * An upstream's error as an event. `error` may be a text or an object, and its code a number or a text: services
 * (and the proxies before them) send all of these. `beside` is the object that holds it.
 */
export function errorEvent(error: Loose, beside: Loose, raw: string): ErrorEvent {
  const object = asObject(error)
  const holder = asObject(beside)
  const message = asText(error) ?? asText(object?.message) ?? asText(object?.error) ?? ''
  const code = [object?.code, object?.status, object?.status_code, holder?.status, holder?.status_code].find(
    (value) => (typeof value === 'string' && value !== '') || typeof value === 'number',
  )
  return {
    type: 'error',
    message: message === '' ? 'the upstream reported an error without words' : message,
    ...(code === undefined ? {} : { code: String(code) }),
    raw,
  }
}

/** For a frame or body that cannot be read at all. */
export function unreadable(what: string): ErrorEvent {
  return { type: 'error', message: what }
}

/** Runs a reader of foreign data. JSON can be parsed at any depth but written again only as deep as the stack. */
export function readSafely(read: () => readonly ChatEvent[]): readonly ChatEvent[] {
  try {
    return read()
  } catch (error) {
    if (error instanceof RangeError) return [unreadable('the upstream sent JSON that is nested too deep')]
    throw error
  }
}
