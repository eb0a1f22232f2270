import assert from 'node:assert/strict'

type Loose = Readonly<Record<string, unknown>>

/** An error answer, with its form recognized by what it looks like. */
export interface Refused {
  readonly status: number
  readonly form: 'openai' | 'anthropic' | 'ollama'
  readonly message: string
  readonly type: string | undefined
  readonly code: string | undefined
  readonly param: string | undefined
  /** What programs are told beside the words. */
  readonly facts: Loose
  readonly resetsAt: number | undefined
}

/** Reads an error as the strictest clients do; a body in none of the three forms fails. */
export async function refused(reply: Response): Promise<Refused> {
  const text = await reply.text()
  const body = JSON.parse(text) as Loose
  const { error } = body
  const empty = { type: undefined, code: undefined, param: undefined, facts: {}, resetsAt: undefined }
  if (typeof error === 'string') {
    assert.deepEqual(Object.keys(body), ['error'])
    return { ...empty, status: reply.status, form: 'ollama', message: error }
  }
  assert.ok(typeof error === 'object' && error !== null, text)
  const { message, type, code, param, metadata, details, resets_at: resetsAt } = error as Loose
  assert.ok(typeof message === 'string' && typeof type === 'string', text)
  const isAnthropic = body['type'] === 'error'
  const facts = (isAnthropic ? details : metadata) as Loose | undefined
  return {
    ...empty,
    status: reply.status,
    form: isAnthropic ? 'anthropic' : 'openai',
    message,
    type,
    code: typeof code === 'string' ? code : undefined,
    param: typeof param === 'string' ? param : undefined,
    facts: facts ?? {},
    resetsAt: typeof resetsAt === 'number' ? resetsAt : undefined,
  }
}
