import { hash } from 'node:crypto'
import type { Capability, ChatRequest, Json, JsonObject } from '../chat/types.ts'
import type { AnswerContext, Dialect, Loss, RequestProblem } from '../dialects/dialect.ts'
import { RequestError } from '../errors.ts'
import { parseBody } from './json-body.ts'
import { type Members, scanMembers, splice } from '../wire/splice.ts'

/** A request on its way out. It can present itself in any dialect; in its own it hands on the client's bytes. */
export interface Draft {
  /** As the client named it; `auto` when it named none. */
  readonly model: string
  readonly stream: boolean
  /** The dialect it came in. */
  readonly dialect: Dialect
  /** Size of the request, for estimates. */
  readonly sizeBytes: number
  /** The longest answer the client will take; undefined when it named none. */
  readonly maxTokens: number | undefined
  /** What the writer of its answer needs to know. */
  answerContext(now: number): AnswerContext
  /** The neutral request. Read when it is asked for, and once. */
  request(): ChatRequest
  needs(): readonly Capability[]
  /** Images that stand elsewhere, whose size nobody here knows. */
  remoteImages(): number
  /** Its system text and first question tell a conversation from others; undefined when there is no question. */
  conversation(): { readonly id: string; readonly continues: boolean } | undefined
  /** A top-level member as the client sent it, if it spoke `dialect`. */
  member(dialect: Dialect, name: string): Json | undefined
  /**
   * `patch` sees the members of the outgoing body and returns those to set; `lost` collects what the dialect cannot say.
   * Throws RequestError when it cannot be said at all.
   */
  as(dialect: Dialect, patch: Patch, lost: Loss[], fit?: Fit): Uint8Array[]
}

/** What a request is fitted to on its way out. */
export interface Fit {
  /** Bounds an answer that the client left open. */
  readonly maxTokens?: number | undefined
  /** Of the model; undefined: unknown. */
  readonly capabilities?: readonly Capability[] | undefined
  /** Also in its own dialect by way of the neutral request. */
  readonly anew?: boolean | undefined
}

/** Top-level members to set on an outgoing body, given a look at those that it has. */
export type Patch = (member: (name: string) => Json | undefined) => JsonObject

// About four bytes of English a token.
const bytesPerToken = 4
// Deeper nesting than any real request; JSON.parse takes millions of levels, recursive code does not.
const maxDepth = 128
/** The longest name of a model, in characters: every listed name is compared with it, and the ledger keeps it. */
export const maxModelLength: number = 256

/** Reads a client's body. A problem is the client's fault and says what to mend. */
export function draftFromBytes(dialect: Dialect, bytes: Buffer): Draft {
  const body = parseBody(bytes)
  const problem = dialect.check(body)
  if (problem !== undefined) throw refusal(problem)
  const members = scanMembers(bytes)
  if (members.duplicate !== undefined) {
    throw refusal({ message: `'${members.duplicate}' stands twice in the request`, param: members.duplicate })
  }
  if (members.depth > maxDepth)
    throw refusal({ message: `the request is nested deeper than ${maxDepth} levels` })
  const draft = new BytesDraft(dialect, bytes, body as JsonObject, members)
  if (draft.model.length > maxModelLength)
    throw refusal({ message: `'model' is longer than ${maxModelLength} characters`, param: 'model' })
  return draft
}

class BytesDraft implements Draft {
  readonly model: string
  readonly stream: boolean
  readonly maxTokens: number | undefined
  readonly dialect: Dialect
  readonly #wantsUsage: boolean
  readonly #bytes: Buffer
  readonly #body: JsonObject
  readonly #members: Members
  #request: ChatRequest | undefined
  #conversation: ReturnType<Draft['conversation']>

  constructor(dialect: Dialect, bytes: Buffer, body: JsonObject, members: Members) {
    this.dialect = dialect
    this.#bytes = bytes
    this.#body = body
    this.#members = members
    const outline = dialect.outline(body)
    this.maxTokens = outline.maxTokens
    this.model = outline.model
    this.stream = outline.stream
    this.#wantsUsage = outline.wantsUsage
  }

  get sizeBytes(): number {
    return this.#bytes.length
  }

  answerContext(now: number): AnswerContext {
    const inputTokens = Math.ceil(this.sizeBytes / bytesPerToken)
    return { usage: this.#wantsUsage, now, request: this.#body, inputTokens }
  }

  request(): ChatRequest {
    return this.#decoded()
  }

  needs(): readonly Capability[] {
    return needsOf(this.#decoded())
  }

  remoteImages(): number {
    const parts = this.#decoded().turns.flatMap((turn) => turn.parts)
    return parts.filter((part) => part.type === 'image-url').length
  }

  conversation(): ReturnType<Draft['conversation']> {
    this.#conversation ??= conversationOf(this.#decoded())
    return this.#conversation
  }

  member(dialect: Dialect, name: string): Json | undefined {
    return dialect.name === this.dialect.name ? this.#body[name] : undefined
  }

  as(
    dialect: Dialect,
    patch: Patch,
    lost: Loss[],
    { maxTokens, capabilities, anew }: Fit = {},
  ): Uint8Array[] {
    const bound = maxTokens === undefined || this.maxTokens !== undefined ? undefined : maxTokens
    const foreign = dialect.name !== this.dialect.name
    if (foreign) lost.push(...this.dialect.untold(this.#decoded()))
    if (foreign || anew === true || (bound !== undefined && dialect.maxTokensMember === undefined)) {
      const request = quieted(bounded(this.#decoded(), bound), capabilities, lost)
      return [encode(dialect, request, patch, lost)]
    }
    const bounding =
      bound === undefined || dialect.maxTokensMember === undefined ? {} : { [dialect.maxTokensMember]: bound }
    return splice(
      this.#bytes,
      this.#members,
      changes(this.#body, { ...patch((name) => this.#body[name]), ...bounding }),
    )
  }

  // Three failovers into a foreign dialect decode once.
  #decoded(): ChatRequest {
    this.#request ??= this.dialect.readRequest(this.#body)
    return this.#request
  }
}

/** A request as the body of a dialect that the client did not write. */
export function encode(dialect: Dialect, request: ChatRequest, patch: Patch, lost: Loss[]): Uint8Array {
  const body = dialect.writeRequest(request, lost)
  return Buffer.from(JSON.stringify({ ...body, ...patch((name) => body[name]) }))
}

export function bounded(request: ChatRequest, maxTokens: number | undefined): ChatRequest {
  return maxTokens === undefined || request.maxTokens !== undefined ? request : { ...request, maxTokens }
}

/**
 * A wish about thinking goes only where the model can think: elsewhere some services refuse it. Clients that ask for no
 * thinking whatever the model are answered all the same, so that wish is not passed on to models nobody knows.
 */
export function quieted(
  request: ChatRequest,
  capabilities: readonly Capability[] | undefined,
  lost: Loss[],
): ChatRequest {
  const { reasoning, ...rest } = request
  if (reasoning === undefined || capabilities?.includes('reasoning') === true) return request
  const off = reasoning.effort === 'none'
  if (capabilities === undefined && !off) return request
  if (capabilities === undefined || !off) lost.push('wish about reasoning dropped')
  return rest
}

/** Only what differs, so that an unchanged request keeps its bytes. */
function changes(body: JsonObject, patch: JsonObject): JsonObject {
  const entries = Object.entries(patch).filter(([name, value]) => body[name] !== value)
  return Object.fromEntries(entries)
}

function refusal(problem: RequestProblem): RequestError {
  return new RequestError('invalid_request', problem.message, problem.param)
}

function needsOf(request: ChatRequest): Capability[] {
  const needs: Capability[] = []
  if (request.tools.length > 0 && request.toolChoice !== 'none') needs.push('tools')
  if (
    request.turns.some((turn) =>
      turn.parts.some((part) => part.type === 'image' || part.type === 'image-url'),
    )
  )
    needs.push('images')
  if (request.format !== undefined) needs.push('structured-output')
  return needs
}

function conversationOf({ system, turns }: ChatRequest): ReturnType<Draft['conversation']> {
  const first = turns.find((turn) => turn.role === 'user')
  if (first === undefined) return undefined
  const id = hash('sha256', JSON.stringify([system, first.parts]))
  return { id, continues: turns.some((turn) => turn.role === 'assistant') }
}
