/** The wire format in which a client speaks to the gateway. */
export type ClientDialect = 'chat' | 'responses' | 'messages' | 'ollama'

/** Where a client finds the gateway. */
export interface Door {
  /** Without a path: what has to follow differs from client to client. */
  readonly origin: string
  readonly key: string
  /** How often the client may try again; its own habit when left out. */
  readonly retries?: number
}

/** One message of a user, and how the answer is wanted. */
export interface Turn {
  readonly model: string
  readonly text: string
  readonly pngBase64?: string
  readonly maxTokens?: number
  readonly reasoning?: boolean
  readonly signal?: AbortSignal
}

/** An answer in the words of the client. */
export interface Said {
  readonly text: string
  /** Why it ended, as the client tells it. */
  readonly finish: string | undefined
  readonly inputTokens: number | undefined
  readonly outputTokens: number | undefined
  readonly reasoning?: string | undefined
}

/** A function that the model may call. */
export interface Tool {
  readonly name: string
  readonly description: string
  readonly parameters: ObjectSchema
  run(input: unknown): string
}

/** A JSON Schema of an object with plain members. */
export interface ObjectSchema {
  readonly type: 'object'
  readonly properties: Readonly<Record<string, { readonly type: 'string' | 'number' }>>
  readonly required: readonly string[]
  readonly additionalProperties: false
}

/** A client that has been pointed at a gateway. A function that it does not have is left out here and told in `cannot`. */
export interface Session {
  /** Asks without streaming. */
  whole(turn: Turn): Promise<Said>
  /** Asks with streaming; `onText` hears each piece as it comes. Rejects when the client tells of an error. */
  streamed(turn: Turn, onText: (piece: string) => void): Promise<Said>
  /** Lets the model call tools until it answers; resolves with the answer. */
  tools(turn: Turn, tools: readonly Tool[]): Promise<string>
  toolsStreamed(turn: Turn, tools: readonly Tool[]): Promise<string>
  /** An answer that fits the schema, parsed. */
  structured(turn: Turn, schema: ObjectSchema): Promise<unknown>
  /** The ids it lists. */
  models?(): Promise<readonly string[]>
  embed?(model: string, texts: readonly string[]): Promise<readonly (readonly number[])[]>
}

export const caseNames = [
  'text',
  'stream',
  'usage',
  'length',
  'tools',
  'tools streamed',
  'image',
  'structured',
  'reasoning',
  'error',
  'broken',
  'abort',
  'spent',
  'wait',
  'models',
  'embeddings',
] as const

export type CaseName = (typeof caseNames)[number]

/** The two services behind the gateway. */
export const sides = ['openrouter', 'ollama'] as const
export type Side = (typeof sides)[number]

/** A sentence about both sides of a case, or about one of them. */
export type Remark = string | Readonly<Partial<Record<Side, string>>>
export type Remarks = Readonly<Partial<Record<CaseName, Remark>>>

export function remarkOn(remarks: Remarks, name: CaseName, side: Side): string | undefined {
  const remark = remarks[name]
  return typeof remark === 'string' ? remark : remark?.[side]
}

/** A client package in one of its manners, and what the cases may expect of it. */
export interface ClientUnderTest {
  readonly name: string
  /** Its folder under `node_modules`; for an alias not its real name. */
  readonly package: string
  readonly dialect: ClientDialect
  /** How it says that an answer is complete, and that it was cut at the token limit. */
  readonly finish: { readonly stop: string; readonly length: string }
  /** How often it asks when it is told that nothing is left for hours. */
  readonly requestsWhenSpent: number
  /** Why it cannot do a case: a sentence for the footnote. */
  readonly cannot: Remarks
  /** What a user should know although the case is passed. */
  readonly notes?: Remarks
  /** The text of an error answer, if it is of the class that the client has for this status. */
  refusal(error: unknown, status: 404 | 429): string | undefined
  open(door: Door): Session
}
