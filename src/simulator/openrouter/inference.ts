import { emptyAnswer, type Answer } from '../answer.ts'
import type { CallRecord } from '../books.ts'
import type { Exchange } from '../exchange.ts'
import { quirks, type FaultTarget, type ScriptedFault } from '../faults.ts'
import { playBody, playFrames, playRaw, type Frame, type Plan, type Played } from '../play.ts'
import type { World } from '../world.ts'
import { authRefusal, freeRefusal, isCounted, moneyRefusal, presentedKey, worstCost } from './admission.ts'
import { availabilityRefusal } from './availability.ts'
import { isRefusal, plainRefusal, type Refusal } from './errors.ts'
import { costOf, generationId, type Generation } from './generation.ts'
import { rememberGeneration } from './generations.ts'
import { meetsNeeds, type OpenRouterModel } from './models.ts'
import { isWithin } from './price-limit.ts'
import { readRequest, type InferenceRequest } from './request.ts'
import { routerMetadata } from './router-metadata.ts'
import { lateError, scriptedRefusal } from './scripted.ts'
import { charge, type OpenRouterKey } from './side.ts'
import type { ErrorPlace, OpenRouterDialect, StreamStyle } from './dialect.ts'

const json = { 'content-type': 'application/json' }
const eventStream = { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' }

/** A call as it arrives. */
interface Arrival {
  readonly world: World
  readonly exchange: Exchange
  readonly record: CallRecord
  readonly dialect: OpenRouterDialect
}

/** A call that has been let in. */
interface Call extends Arrival {
  readonly key: OpenRouterKey
  readonly request: InferenceRequest
}

/** The model that answers, and what goes wrong with it. */
interface Served {
  readonly asked: OpenRouterModel
  readonly model: OpenRouterModel
  readonly fault: ScriptedFault | undefined
  /** The refusal the fault stands for, when it comes late. */
  readonly scripted: Refusal | undefined
}

async function refuse(
  call: Arrival,
  refusal: Refusal,
  newId?: () => string,
  extra: object = {},
): Promise<void> {
  const { world, exchange, record, dialect } = call
  record.entry.status = refusal.status
  record.settle('refused', refusal.kind)
  const facts = { newId, settings: world.openrouter.settings }
  const body = refusal.body ?? JSON.stringify({ ...dialect.refusalBody(refusal, facts), ...extra })
  await exchange.reply(refusal.status, { ...json, ...refusal.headers }, body)
}

/** Answers a call on one of the inference paths. */
export async function infer(world: World, exchange: Exchange, dialect: OpenRouterDialect): Promise<void> {
  const side = world.openrouter
  const presented = presentedKey(exchange)
  const key = presented === undefined ? undefined : side.keys.get(presented)
  const arrivedAt = world.clock.now()
  const knownSpent = key?.owner.told.isKnown(arrivedAt) ?? false
  const record = world.books.call('openrouter', key, exchange.path, arrivedAt)
  exchange.onAbort = () => record.settle('aborted')
  const arrival = { world, exchange, record, dialect }

  const text = await exchange.readBody()
  if (exchange.gone) return
  const edge = world.faults.take(targetOf(exchange, presented, key), (fault) => fault.kind === 'edge-block')
  if (edge !== undefined) return void (await playRaw(exchange, edge, record, world.dice))
  if (text === undefined) {
    return refuse(arrival, plainRefusal('too-large', 413, 'Request Entity Too Large'))
  }
  const unauthorized = authRefusal(presented, key)
  if (unauthorized !== undefined || key === undefined) return refuse(arrival, unauthorized!)
  const request = readRequest(side, exchange, dialect, text)
  if (isRefusal(request)) return refuse(arrival, request)
  const first = request.models[0]!
  record.model(first.id)
  const now = world.clock.now()
  const counted = isCounted(side, first)
  if (counted && knownSpent) record.waste()
  const call = { ...arrival, key, request }
  const refusal = moneyRefusal(side, key, request, now) ?? (counted ? freeRefusal(side, key, now) : undefined)
  if (refusal !== undefined) return refuseCall(call, refusal)
  return route(call)
}

function targetOf(
  exchange: Exchange,
  presented: string | undefined,
  key: OpenRouterKey | undefined,
): FaultTarget {
  const { path } = exchange
  return { provider: 'openrouter', key: presented, account: key?.account, path, isInference: true }
}

function refuseCall(call: Call, refusal: Refusal, newId?: () => string): Promise<void> {
  const { request } = call
  const extra = request.wantsMetadata
    ? { openrouter_metadata: routerMetadata(request.models[0]!, undefined, refusal.status) }
    : {}
  return refuse(call, refusal, newId, extra)
}

/** The model that answers for a router entry; the entry itself when it is none. */
function pickModel({ world, request }: Call, asked: OpenRouterModel): OpenRouterModel | undefined {
  if (asked.routes === undefined) return asked
  const { models, settings } = world.openrouter
  const now = world.clock.now()
  const wantsFree = asked.routes === 'free'
  const pool = [...models.values()].filter(
    (model) =>
      model.routes === undefined &&
      model.output === 'text' &&
      model.isFree === wantsFree &&
      !model.harnessOnly &&
      now < model.expiresAt &&
      (!model.classifier || settings.classifierInFreePool) &&
      meetsNeeds(model, request.needs) &&
      isWithin(model, request.priceLimit),
  )
  return world.dice.pick(pool)
}

/** Tries the models in order; the last refusal is the answer when none serves. */
async function route(call: Call): Promise<void> {
  const { world, exchange, dialect, key, request } = call
  let refusal: Refusal | undefined
  for (const asked of request.models) {
    const model = pickModel(call, asked)
    if (model === undefined) {
      refusal = plainRefusal('no-endpoints', 404, `No endpoints found for ${asked.id}.`, key.owner.userId)
      continue
    }
    refusal = availabilityRefusal(world.openrouter.settings, key, model, request, world.clock.now())
    if (refusal !== undefined) continue
    const fault = world.faults.take(
      {
        ...targetOf(exchange, key.value, key),
        models: [asked.id, model.id],
        streaming: request.streaming,
      },
      ({ kind }) => kind !== 'edge-block' && (!quirks.has(kind) || dialect.quirks.has(kind)),
    )
    if (fault === undefined) return serve(call, { asked, model, fault: undefined, scripted: undefined })
    if (fault.chopBytes !== undefined) exchange.chopBytes = fault.chopBytes
    if (fault.kind !== 'slow-drip' && fault.kind !== 'comments-forever') {
      await exchange.pause(fault.delayMs ?? 0)
      if (exchange.gone) return
    }
    const scripted = scriptedRefusal(world, fault, key, model)
    if (scripted === undefined || (fault.at ?? 'before-headers') !== 'before-headers') {
      return serve(call, { asked, model, fault, scripted })
    }
    refusal = dressed(scripted, fault)
  }
  if (refusal === undefined) return
  return refuseCall(call, refusal, () => generationId(world.dice, world.clock.now()))
}

/** The refusal with the headers and the body the script gives it. */
function dressed(refusal: Refusal, fault: ScriptedFault): Refusal {
  const type = fault.contentType === undefined ? {} : { 'content-type': fault.contentType }
  const headers = { ...refusal.headers, ...type, ...fault.headers }
  return { ...refusal, headers, ...(fault.body === undefined ? {} : { body: fault.body }) }
}

function decideAnswer({ dialect, request }: Call, { model, fault }: Served): Answer {
  const wantsReasoning = request.question.wantsReasoning && model.supportedParameters.includes('reasoning')
  const answer = dialect.answer({ ...request.question, wantsReasoning })
  if (fault?.kind === 'empty-answer' || fault?.kind === 'empty-length') return emptyAnswer(answer, fault.kind)
  return model.classifier
    ? { ...answer, text: 'safe', toolCalls: [], finish: 'stop', stoppedBy: null, outputTokens: 1 }
    : answer
}

function generate(call: Call, served: Served): Generation {
  const { world, dialect, request } = call
  const { settings } = world.openrouter
  const now = world.clock.now()
  const answer = decideAnswer(call, served)
  const { promptTokens, outputTokens } = answer
  return {
    id: generationId(world.dice, now),
    created: Math.floor(now / 1000),
    served: served.model,
    body: request.body,
    answer,
    use: { promptTokens, cachedTokens: Math.floor(promptTokens * settings.cachedShare), outputTokens },
    callIds: answer.toolCalls.map(() => dialect.callPrefix + world.dice.alphanumeric(24)),
    metadata: request.wantsMetadata ? routerMetadata(served.asked, served.model, 200) : undefined,
    usage: served.fault?.kind === 'no-usage' ? 'none' : settings.usageDetails ? 'full' : 'counts',
  }
}

/** Reserves what a call may cost; the function it returns books what it did cost, once. */
function openAccount(call: Call, generation: Generation): (played: Played) => void {
  const { world, key, request } = call
  const { served, use } = generation
  const reserved = worstCost(served, request.question)
  key.owner.reserved += reserved
  let open = true
  return ({ tokens, whole }) => {
    if (!open) return
    open = false
    key.owner.reserved -= reserved
    const outputTokens = whole ? use.outputTokens : Math.min(use.outputTokens, tokens)
    // Vectors come all at once or not at all.
    const isBilled = whole || served.output === 'text'
    const usd = isBilled ? costOf(served, { ...use, outputTokens }).usd : 0
    if (usd > 0) charge(key, usd, world.clock.now())
    const facts = { streamed: request.streaming, cancelled: !whole, outputTokens, usd }
    rememberGeneration(world.openrouter, key, generation, facts)
  }
}

async function serve(call: Call, served: Served): Promise<void> {
  const { world, exchange, record, dialect, request } = call
  const { fault, scripted, model } = served
  if (fault !== undefined && (await playRaw(exchange, fault, record, world.dice))) return
  const generation = generate(call, served)
  const finished = openAccount(call, generation)
  const error = fault === undefined ? {} : lateError(fault, scripted, model)
  const headers = { 'x-generation-id': generation.id }
  const failsBare =
    fault?.kind === 'error-in-200' ||
    (scripted !== undefined && !request.streaming && fault?.at === 'after-comments')
  if (failsBare) {
    finished({ tokens: 0, whole: false })
    record.entry.status = 200
    record.settle('failed', fault!.kind)
    const body = fault!.body ?? dialect.writeFailed(generation, error, false)
    return exchange.reply(200, { ...json, ...headers }, body)
  }
  const style: StreamStyle = {
    wordsPerChunk: world.pace.wordsPerChunk,
    usageChunk: world.openrouter.settings.usageChunk,
    extraDone: world.openrouter.settings.extraDone,
    quirk: fault?.kind,
  }
  const plan: Plan = {
    pace: world.pace,
    record,
    fault,
    errorFrame: (sent) =>
      dialect.errorFrame?.(generation, error, placeOf(fault, sent.tokens), sent, style) ?? '',
    finished,
  }
  if (!request.streaming) {
    const breaks = fault?.kind === 'choice-error' || scripted !== undefined
    const body = breaks ? dialect.writeFailed(generation, error, true) : dialect.write(generation)
    return playBody(exchange, { ...json, ...headers }, body, plan)
  }
  const comments = world.openrouter.settings.keepAliveComments
  const frames = withComments(comments, dialect.frames?.(generation, style) ?? [])
  return playFrames(exchange, { ...eventStream, ...headers }, frames, plan)
}

function* withComments(count: number, frames: Iterable<Frame>): Generator<Frame> {
  for (let index = 0; index < count; index += 1) {
    yield { kind: 'comment', text: ': OPENROUTER PROCESSING\n\n' }
  }
  yield* frames
}

function placeOf(fault: ScriptedFault | undefined, tokens: number): ErrorPlace {
  if (fault?.kind === 'choice-error') return 'choice'
  return tokens === 0 && fault?.at === 'after-comments' ? 'unopened' : 'answer'
}
