/** A refusal or a failure, in the gateway's own words. */
export interface Failure {
  readonly message: string
  readonly code?: string
  /** Who has no room, and when each of them has some again (ISO time). */
  readonly pools: readonly Pool[]
}

export interface Pool {
  readonly provider: string
  readonly reason: string
  readonly returnsAt?: string
}

export interface Tokens {
  readonly input: number
  readonly output: number
}

/** What one event of a streamed chat completion brings. */
export interface AnswerPart {
  readonly text: string
  readonly reasoning: string
  readonly finish?: string
  readonly tokens?: Tokens
  readonly failure?: Failure
}

/** Reads leniently: what is missing or strange counts for nothing. Undefined: nothing of it is understood. */
export function readPart(data: string): AnswerPart | undefined {
  const chunk = parsed(data)
  if (chunk === undefined) return undefined
  const failure = failureOf(chunk)
  const choice = asObject(asList(chunk['choices'])[0])
  const delta = asObject(choice?.['delta'])
  const usage = asObject(chunk['usage'])
  const finish = asText(choice?.['finish_reason'])
  return {
    text: asText(delta?.['content']) ?? '',
    // One text under two names; both stand in one answer (docs: openrouter.ai/docs/use-cases/reasoning-tokens).
    reasoning: asText(delta?.['reasoning']) ?? asText(delta?.['reasoning_content']) ?? '',
    ...(finish === undefined ? {} : { finish }),
    ...(usage === undefined
      ? {}
      : {
          tokens: {
            input: asNumber(usage['prompt_tokens']) ?? 0,
            output: asNumber(usage['completion_tokens']) ?? 0,
          },
        }),
    ...(failure === undefined ? {} : { failure }),
  }
}

/** The failure an error answer tells; with the status where its body says nothing. */
export function readFailure(body: string, status: number): Failure {
  const told = failureOf(parsed(body) ?? {})
  return told ?? { message: `the gateway answered ${status}`, pools: [] }
}

function failureOf(body: Members): Failure | undefined {
  const error = asObject(body['error'])
  if (error === undefined) return undefined
  const code = asText(error['code'])
  const pools = asList(asObject(error['metadata'])?.['pools']).flatMap((each) => {
    const pool = asObject(each)
    const provider = asText(pool?.['provider'])
    const returnsAt = asText(pool?.['returns_at'])
    if (provider === undefined) return []
    const reason = asText(pool?.['reason']) ?? ''
    return [{ provider, reason, ...(returnsAt === undefined ? {} : { returnsAt }) }]
  })
  return {
    message: asText(error['message']) ?? 'the answer broke off with an error that says nothing',
    ...(code === undefined ? {} : { code }),
    pools,
  }
}

type Members = Readonly<Record<string, unknown>>

function parsed(text: string): Members | undefined {
  try {
    return asObject(JSON.parse(text))
  } catch {
    return undefined
  }
}

function asObject(value: unknown): Members | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Members) : undefined
}

function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

function asText(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function asNumber(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined
}
