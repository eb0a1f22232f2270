/** The neutral conversation: what every dialect can be read into and written from. Data only. */

export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json }
export type JsonObject = { readonly [name: string]: Json }

export type DialectName =
  | 'openai-chat'
  | 'openai-responses'
  | 'anthropic'
  | 'ollama'
  | 'ollama-generate'
  | 'openai-embeddings'
  | 'ollama-embed'
  | 'ollama-embeddings'

/** What a request asks for: an answer in words, or vectors of texts. */
export type RequestKind = 'chat' | 'embeddings'

/** `error`: the upstream itself said the answer ended in an error. */
export type FinishReason = 'stop' | 'length' | 'tool-calls' | 'filtered' | 'error'

/** Tokens as the upstream counted them. `input` includes `cached`, `output` includes `reasoning`. */
export interface Usage {
  readonly input: number
  readonly output: number
  readonly cached?: number
  /** Part of `input` that was written to a prompt cache. */
  readonly cacheWrite?: number
  readonly reasoning?: number
  /** What the upstream says the call cost, in billionths of a US dollar. */
  readonly nanoUsd?: number
}

export interface ChatRequest {
  /** `auto` when the client named none. */
  readonly model: string
  readonly stream: boolean
  readonly system: readonly TextPart[]
  readonly turns: readonly Turn[]
  readonly tools: readonly Tool[]
  readonly toolChoice?: 'auto' | 'none' | 'required' | { readonly name: string }
  readonly parallelTools?: boolean
  readonly maxTokens?: number
  readonly temperature?: number
  readonly topP?: number
  readonly topK?: number
  readonly minP?: number
  readonly frequencyPenalty?: number
  readonly presencePenalty?: number
  readonly repeatPenalty?: number
  readonly seed?: number
  readonly stop?: readonly string[]
  readonly reasoning?: { readonly effort?: ReasoningEffort; readonly maxTokens?: number }
  /** `schema` left out: any JSON object will do. */
  readonly format?: { readonly schema?: Json; readonly name?: string; readonly strict?: boolean }
  /** How many alternatives of each token are wanted; 0: only the chosen one. */
  readonly logprobs?: number
  /** The end user, as the client names them. */
  readonly user?: string
  /** Texts to embed; a request that has it asks for vectors, not for an answer. */
  readonly embed?: {
    readonly inputs: readonly Json[]
    readonly dimensions?: number
    readonly base64?: boolean
  }
  /** Members of one dialect that have no neutral field, kept so that reading and writing it again loses nothing. */
  readonly extra?: Readonly<Partial<Record<DialectName, JsonObject>>>
}

export type ReasoningEffort = 'none' | 'minimal' | 'low' | 'medium' | 'high' | 'xhigh' | 'max'

export interface Turn {
  readonly role: 'system' | 'user' | 'assistant'
  readonly parts: readonly Part[]
}

export interface TextPart {
  readonly type: 'text'
  readonly text: string
  /** A mark after which the prompt may be cached, as the client wrote it. */
  readonly cache?: JsonObject
}

export type Part =
  | TextPart
  | { readonly type: 'image'; readonly mediaType: string; readonly data: string }
  | { readonly type: 'image-url'; readonly url: string }
  /** A document, in base64. */
  | { readonly type: 'file'; readonly mediaType: string; readonly data: string; readonly name?: string }
  | ReasoningPart
  | { readonly type: 'tool-call'; readonly id: string; readonly name: string; readonly args: string }
  | {
      readonly type: 'tool-result'
      readonly id: string
      readonly name?: string
      readonly text: string
      /** The tool itself reported a failure. */
      readonly failed?: boolean
    }

/** What a model thought. `signature` and `sealed` mean something to the service that made them, and only to it. */
export interface ReasoningPart {
  readonly type: 'reasoning'
  readonly text: string
  readonly signature?: string
  /** Reasoning that only its service can read. */
  readonly sealed?: string
}

export interface Tool {
  readonly name: string
  readonly description?: string
  readonly parameters: Json
  readonly strict?: boolean
}

/** An answer as it arrives. A complete one ends with `finish` (and, where the wire has an end mark, `message-end`). */
export type ChatEvent =
  | { readonly type: 'message-start'; readonly id: string; readonly model: string; readonly created?: number }
  | { readonly type: 'text-delta'; readonly text: string }
  | {
      readonly type: 'reasoning-delta'
      readonly text: string
      readonly signature?: string
      readonly sealed?: string
    }
  | { readonly type: 'tool-start'; readonly index: number; readonly id: string; readonly name: string }
  | { readonly type: 'tool-delta'; readonly index: number; readonly json: string }
  /** `stopped`: the stop text that ended the answer, where the upstream says which. */
  | { readonly type: 'finish'; readonly reason: FinishReason; readonly stopped?: string }
  /** Vectors in place of an answer: arrays of numbers, or base64 of little-endian floats. */
  | { readonly type: 'vectors'; readonly vectors: readonly Json[] }
  | { readonly type: 'usage'; readonly usage: Usage }
  | { readonly type: 'message-end' }
  | {
      readonly type: 'error'
      readonly message: string
      /** The upstream's own code as text, e.g. `429`. */
      readonly code?: string
      /** The JSON that carried the error, for the fault table. */
      readonly raw?: string
    }

/** A capability that a request needs and a model may lack. */
export type Capability = 'tools' | 'images' | 'structured-output' | 'reasoning'
