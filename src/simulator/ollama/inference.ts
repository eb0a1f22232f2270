import { answerTo, emptyAnswer, type Answer } from '../answer.ts'
import type { CallRecord } from '../books.ts'
import type { Exchange } from '../exchange.ts'
import type { FaultTarget, ScriptedFault } from '../faults.ts'
import { isRecord, parseJson } from '../json.ts'
import { playBody, playFrames, playRaw, type Played } from '../play.ts'
import { vectorOf } from '../vectors.ts'
import type { World } from '../world.ts'
import { findKey, planRefusal, quotaRefusal } from './admission.ts'
import { isOllamaRefusal, type OllamaDialect, type OllamaRequest, type OllamaResult } from './dialect.ts'
import {
  gatewayError,
  handlerError,
  referenced,
  slotTimeout,
  writeError,
  type OllamaRefusal,
} from './errors.ts'
import { canEmbed, costUsd, hostedName, vectorLength, type TokenUse } from './models.ts'
import type { OllamaModelOptions } from './options.ts'
import { scriptedRefusal } from './scripted.ts'
import { charge, type OllamaKey } from './side.ts'

const json = { 'content-type': 'application/json; charset=utf-8' }

/** A call that has been let in. */
interface Call {
  readonly world: World
  readonly exchange: Exchange
  readonly record: CallRecord
  readonly dialect: OllamaDialect
  readonly key: OllamaKey
  readonly model: OllamaModelOptions
  readonly request: OllamaRequest
}

async function refuse(
  world: World,
  exchange: Exchange,
  record: CallRecord,
  refusal: OllamaRefusal,
  fault?: ScriptedFault,
): Promise<void> {
  const { status, headers, body } = writeError(world, refusal, exchange.path.slice('/ollama'.length))
  record.entry.status = status
  record.settle('refused', refusal.kind)
  const type = fault?.contentType === undefined ? {} : { 'content-type': fault.contentType }
  await exchange.reply(status, { ...headers, ...type, ...fault?.headers }, fault?.body ?? body)
}

/** Answers a call on one of the inference paths. */
export async function infer(world: World, exchange: Exchange, dialect: OllamaDialect): Promise<void> {
  const key = findKey(world, exchange)
  const arrivedAt = world.clock.now()
  const knownSpent = key?.owner.told.isKnown(arrivedAt) ?? false
  const record = world.books.call('ollama', key, exchange.path, arrivedAt)
  exchange.onAbort = () => record.settle('aborted')

  const text = await exchange.readBody()
  if (exchange.gone) return
  const edge = world.faults.take(targetOf(exchange, key), (fault) => fault.kind === 'edge-block')
  if (edge !== undefined) return void (await playRaw(exchange, edge, record, world.dice))
  if (key === undefined)
    return refuse(world, exchange, record, handlerError('unknown-key', 401, 'unauthorized'))
  if (text === undefined) {
    return refuse(world, exchange, record, gatewayError('too-large', 413, 'request body too large'))
  }
  const request = readRequest(dialect, text)
  if (isOllamaRefusal(request)) return refuse(world, exchange, record, request)
  const model = world.ollama.models.get(hostedName(request.model))
  if (model === undefined || (dialect.embeds === true && !canEmbed(model))) {
    const unknown = handlerError('unknown-model', 404, `model '${request.model}' not found`)
    return refuse(world, exchange, record, unknown)
  }
  record.model(model.name)
  if (knownSpent) record.waste()
  const now = world.clock.now()
  const refusal =
    abilityRefusal(model, request) ??
    planRefusal(key.owner, model) ??
    quotaRefusal(world, key.owner, model, now)
  if (refusal !== undefined) return refuse(world, exchange, record, refusal)
  return runInSlot({ world, exchange, record, dialect, key, model, request })
}

function readRequest(dialect: OllamaDialect, text: string): OllamaRequest | OllamaRefusal {
  if (text === '') return handlerError('bad-request', 400, 'missing request body')
  const body = parseJson(text)
  if (!isRecord(body)) return handlerError('bad-request', 400, 'invalid character in request body')
  return dialect.read(body)
}

function targetOf(exchange: Exchange, key: OllamaKey | undefined): FaultTarget {
  const { path } = exchange
  return { provider: 'ollama', key: key?.value, account: key?.account, path, isInference: true }
}

function abilityRefusal(model: OllamaModelOptions, request: OllamaRequest): OllamaRefusal | undefined {
  if (request.embeds === undefined && canEmbed(model)) {
    return handlerError('bad-request', 400, `"${request.model}" does not support chat`)
  }
  if (!request.thinks || model.capabilities?.includes('thinking') === true) return undefined
  return handlerError('bad-request', 400, `"${request.model}" does not support thinking`)
}

async function runInSlot(call: Call): Promise<void> {
  const { world, exchange, record, key } = call
  const { slots } = key.owner
  if (!(await slots.take(exchange))) {
    if (exchange.gone) return
    return refuse(world, exchange, record, gatewayError('slot-timeout', 429, slotTimeout))
  }
  let held = true
  const release = (): void => {
    if (held) slots.release()
    held = false
  }
  try {
    await run(call, release)
  } finally {
    release()
  }
}

async function run(call: Call, release: () => void): Promise<void> {
  const { world, exchange, record, key, model, request } = call
  const fault = world.faults.take(
    {
      ...targetOf(exchange, key),
      models: [request.model, model.name],
      streaming: request.streaming,
    },
    ({ kind }) => kind !== 'edge-block',
  )
  if (fault !== undefined) {
    if (fault.chopBytes !== undefined) exchange.chopBytes = fault.chopBytes
    if (fault.kind !== 'slow-drip') await exchange.pause(fault.delayMs ?? 0)
    if (exchange.gone) return
    const refusal = scriptedRefusal(world, fault, key)
    const isLate = request.streaming && fault.at !== undefined && fault.at !== 'before-headers'
    if (refusal !== undefined && isLate) return serve(call, fault, release, refusal.text)
    if (refusal !== undefined) {
      release()
      return refuse(world, exchange, record, refusal, fault)
    }
    if (await playRaw(exchange, fault, record, world.dice)) return
  }
  return serve(call, fault, release)
}

function decideAnswer({ model, request }: Call, fault: ScriptedFault | undefined): Answer {
  // gpt-oss cannot be kept from thinking (docs: capabilities/thinking).
  const wantsReasoning = request.thinks || model.name.startsWith('gpt-oss')
  const answer = answerTo({ ...request.question, wantsReasoning })
  if (request.embeds !== undefined) return { ...answer, text: '', reasoning: '', outputTokens: 0 }
  const isEmpty = fault?.kind === 'empty-answer' || fault?.kind === 'empty-length'
  return isEmpty ? emptyAnswer(answer, fault.kind) : answer
}

/** The vectors asked for; a scripted empty answer has none, or empty ones. */
function vectorsOf(
  model: OllamaModelOptions,
  { embeds }: OllamaRequest,
  fault: ScriptedFault | undefined,
): OllamaResult['vectors'] {
  if (embeds === undefined || fault?.kind === 'empty-answer') return []
  const dimensions = Math.min(embeds.dimensions, vectorLength(model))
  return embeds.texts.map((text) => (fault?.kind === 'empty-length' ? [] : vectorOf(text, dimensions)))
}

async function serve(
  call: Call,
  fault: ScriptedFault | undefined,
  release: () => void,
  lateText = 'Internal Server Error',
): Promise<void> {
  const { world, exchange, record, dialect, key, model, request } = call
  const answer = decideAnswer(call, fault)
  const use: TokenUse = {
    promptTokens: answer.promptTokens,
    cachedTokens: Math.floor(answer.promptTokens * world.ollama.settings.cachedShare),
    outputTokens: answer.outputTokens,
  }
  const result: OllamaResult = {
    model: request.model,
    now: world.clock.now(),
    answer,
    use,
    callIds: answer.toolCalls.map(() => `call_${world.dice.lowercase(8)}`),
    number: world.dice.int(999),
    includeUsage: request.includeUsage ?? false,
    showsUse: fault?.kind !== 'no-usage',
    vectors: vectorsOf(model, request, fault),
  }
  const errorText = (): string => fault?.body ?? referenced(world, lateText)
  const finished = (played: Played): void => {
    release()
    const outputTokens = played.whole ? use.outputTokens : Math.min(use.outputTokens, played.tokens)
    book(world, key, model, { ...use, outputTokens })
  }
  if (fault?.kind === 'error-in-200') {
    release()
    record.entry.status = 200
    record.settle('failed', fault.kind)
    return exchange.reply(200, json, fault.body ?? JSON.stringify({ error: errorText() }))
  }
  const errorFrame = (): string => dialect.errorFrame(result, errorText())
  const plan = { pace: world.pace, record, fault, errorFrame, finished }
  if (!request.streaming) return playBody(exchange, json, dialect.write(result), plan)
  const frames = dialect.frames(result, world.pace.wordsPerChunk)
  return playFrames(exchange, dialect.streamHeaders, frames, plan)
}

/** Charges a request and adds it to the usage history. Legacy plans pay only for what needs extra usage. */
function book(world: World, key: OllamaKey, model: OllamaModelOptions, use: TokenUse): void {
  const now = world.clock.now()
  const { owner } = key
  const paid = !owner.isLegacy || model.extraUsage === true
  const usd = paid ? costUsd(model, use, now) : 0
  if (usd > 0) charge(owner, usd, now)
  owner.history.add(now, use, usd)
}
