import type { ObjectSchema, Tool } from './client-under-test.ts'

/** One transparent pixel. */
export const tinyPng =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='
export const tinyPngBytes: number = Buffer.from(tinyPng, 'base64').length

/** What a structured answer has to look like. */
export const forecast: ObjectSchema = objectOf({ city: 'string', degrees: 'number' })

/** Two tools, and what they were called with, in order. */
export function toolbox(): { readonly tools: readonly Tool[]; readonly used: [string, unknown][] } {
  const used: [string, unknown][] = []
  const tool = (name: string, parameters: ObjectSchema, result: string): Tool => ({
    name,
    description: `Answers with "${result}".`,
    parameters,
    run: (input) => {
      used.push([name, input])
      return result
    },
  })
  return {
    used,
    tools: [
      tool('get_weather', objectOf({ city: 'string' }), 'sunny in example'),
      tool('get_time', objectOf({ zone: 'string', offset: 'number' }), '12:00 in example'),
    ],
  }
}

function objectOf(members: Readonly<Record<string, 'string' | 'number'>>): ObjectSchema {
  return {
    type: 'object',
    properties: Object.fromEntries(Object.entries(members).map(([name, type]) => [name, { type }])),
    required: Object.keys(members),
    additionalProperties: false,
  }
}
