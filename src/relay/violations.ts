import { type Context, createContext, Script } from 'node:vm'
import { type Schema, Validator } from '@cfworker/json-schema'
import type { Json } from '../chat/types.ts'

// Sound schemas take less than a millisecond, and nobody else is served meanwhile.
const mostMs = 50

let stage: { readonly context: Context; readonly script: Script } | undefined

/**
 * What a value has against a client's schema, the innermost first. Empty also for a schema that cannot be read, or not in
 * time: references can double the work with each level, and a `pattern` with each letter.
 */
export function violations(schema: Json, value: Json): readonly string[] {
  if (typeof schema !== 'boolean' && (typeof schema !== 'object' || schema === null)) return []
  try {
    return inTime(() => {
      const { errors } = new Validator(schema as Schema | boolean, '2020-12', false).validate(value)
      // The innermost errors say what to mend; those around them only that something inside is wrong.
      return errors.toReversed().map(({ instanceLocation, error }) => `${instanceLocation} ${error}`)
    })
  } catch {
    return []
  }
}

/** A script's time limit is the only thing in Node that ends a running regular expression; it does so for what it calls, too. */
function inTime(work: () => readonly string[]): readonly string[] {
  stage ??= { context: createContext({}), script: new Script('work()') }
  const { context, script } = stage
  context['work'] = work
  try {
    return script.runInContext(context, { timeout: mostMs }) as readonly string[]
  } finally {
    context['work'] = undefined
  }
}
