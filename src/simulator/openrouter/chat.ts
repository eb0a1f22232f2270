import { answerTo, emptyAnswer, type Answer } from '../answer.ts'
import type { CallRecord } from '../books.ts'
import type { Exchange } from '../exchange.ts'
import type { ScriptedFault } from '../faults.ts'
import { playBody, playFrames, playRaw, type Plan, type Played } from '../play.ts'
import type { World } from '../world.ts'
import {
  authRefusal,
  availabilityRefusal,
  freeRefusal,
  isCounted,
  isRefusal,
  moneyRefusal,
  presentedKey,
  readChatRequest,
  routerMetadata,
  worstCost,
  type ChatRequest,
} from './admission.ts'
import { plainRefusal, refusalBody, type Refusal } from './errors.ts'
import { rememberGeneration } from './generations.ts'
import { meetsNeeds, type OpenRouterModel } from './models.ts'
import {
  costUsd,
  generationId,
  writeErrorFrame,
  writeFrames,
  writeResult,
  type Generation,
} from './result.ts'
import { lateError, scriptedRefusal } from './scripted.ts'
import { charge, type OpenRouterKey } from './side.ts'

const json = { 'content-type': 'application/json' }
const eventStream = { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' }

/** A call that has been let in. */
interface Call {
  readonly world: World
  readonly exchange: Exchange
  readonly record: CallRecord
  readonly key: OpenRouterKey
  readonly request: ChatRequest
}

async function refuse(exchange: Exchange, record: CallRecord, refusal: Refusal, extra = {}): Promise<void> {
  record.entry.status = refusal.status
  record.settle('refused', refusal.kind)
  const body = refusal.body ?? JSON.stringify({ ...refusalBody(refusal), ...extra })
  await exchange.reply(refusal.status, { ...json, ...refusal.headers }, body)
}

/** POST /chat/completions. */
export async function chatCompletions(world: World, exchange: Exchange): Promise<void> {
  const side = world.openrouter
  const presented = presentedKey(exchange)
  const key = presented === undefined ? undefined : side.keys.get(presented)
  const arrivedAt = world.clock.now()
  const knownSpent = key?.owner.told.isKnown(arrivedAt) ?? false
  const record = world.books.call('openrouter', key, exchange.path, arrivedAt)
  exchange.onAbort = () => record.settle('aborted')

  const text = await exchange.readBody()
  if (exchange.gone) return
  const target = { provider: 'openrouter', key: presented, account: key?.account } as const
  const edge = world.faults.take(target, (fault) => fault.kind === 'edge-block')
  if (edge !== undefined) return void (await playRaw(exchange, edge, record, world.dice))
  if (text === undefined) {
    return refuse(exchange, record, plainRefusal('too-large', 413, 'Request Entity Too Large'))
  }
  const unauthorized = authRefusal(presented, key)
  if (unauthorized !== undefined || key === undefined) return refuse(exchange, record, unauthorized!)
  const request = readChatRequest(side, exchange, text)
  if (isRefusal(request)) return refuse(exchange, record, request)
  const first = request.models[0]!
  record.model(first.id)
  const now = world.clock.now()
  const counted = isCounted(side, first)
  if (counted && knownSpent) record.waste()
  const call = { world, exchange, record, key, request }
  const refusal = moneyRefusal(side, key, request, now) ?? (counted ? freeRefusal(side, key, now) : undefined)
  if (refusal !== undefined) return refuseCall(call, refusal)
  return route(call)
}

function refuseCall({ exchange, record, request }: Call, refusal: Refusal): Promise<void> {
  const extra = request.wantsMetadata
    ? { openrouter_metadata: routerMetadata(request.models[0]!, undefined, refusal.status) }
    : {}
  return refuse(exchange, record, refusal, extra)
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
      model.isFree === wantsFree &&
      !model.harnessOnly &&
      now < model.expiresAt &&
      (!model.classifier || settings.classifierInFreePool) &&
      meetsNeeds(model, request.needs),
  )
  return world.dice.pick(pool)
}

/** Tries the models in order; the last refusal is the answer when none serves. */
async function route(call: Call): Promise<void> {
  const { world, key, request } = call
  let refusal: Refusal | undefined
  for (const asked of request.models) {
    const model = pickModel(call, asked)
    if (model === undefined) {
      refusal = plainRefusal('no-endpoints', 404, `No endpoints found for ${asked.id}.`, key.owner.userId)
      continue
    }
    refusal = availabilityRefusal(key, model, request.needs, world.clock.now())
    if (refusal !== undefined) continue
    const target = { provider: 'openrouter', key: key.value, account: key.account } as const
    const fault = world.faults.take(
      { ...target, models: [asked.id, model.id], streaming: request.streaming },
      ({ kind }) => kind !== 'edge-block',
    )
    if (fault === undefined) return serve(call, asked, model, undefined, undefined)
    if (fault.chopBytes !== undefined) call.exchange.chopBytes = fault.chopBytes
    if (fault.kind !== 'slow-drip' && fault.kind !== 'comments-forever') {
      await call.exchange.pause(fault.delayMs ?? 0)
      if (call.exchange.gone) return
    }
    const scripted = scriptedRefusal(world, fault, key, model)
    if (scripted === undefined || (fault.at ?? 'before-headers') !== 'before-headers') {
      return serve(call, asked, model, fault, scripted)
    }
    refusal = dressed(scripted, fault)
  }
  if (refusal !== undefined) return refuseCall(call, refusal)
}

/** The refusal with the headers and the body the script gives it. */
function dressed(refusal: Refusal, fault: ScriptedFault): Refusal {
  const type = fault.contentType === undefined ? {} : { 'content-type': fault.contentType }
  const headers = { ...refusal.headers, ...type, ...fault.headers }
  return { ...refusal, headers, ...(fault.body === undefined ? {} : { body: fault.body }) }
}

function decideAnswer({ request }: Call, model: OpenRouterModel, fault: ScriptedFault | undefined): Answer {
  const wantsReasoning = request.question.wantsReasoning && model.supportedParameters.includes('reasoning')
  const answer = answerTo({ ...request.question, wantsReasoning })
  if (fault?.kind === 'empty-answer' || fault?.kind === 'empty-length') return emptyAnswer(answer, fault.kind)
  return model.classifier
    ? { ...answer, text: 'safe', toolCalls: [], finish: 'stop', outputTokens: 1 }
    : answer
}

async function serve(
  call: Call,
  asked: OpenRouterModel,
  model: OpenRouterModel,
  fault: ScriptedFault | undefined,
  scripted: Refusal | undefined,
): Promise<void> {
  const { world, exchange, record, key, request } = call
  if (fault !== undefined && (await playRaw(exchange, fault, record, world.dice))) return
  const now = world.clock.now()
  const answer = decideAnswer(call, model, fault)
  const generation: Generation = {
    id: generationId(world.dice, now),
    created: Math.floor(now / 1000),
    served: model,
    answer,
    callIds: answer.toolCalls.map(() => `call_${world.dice.alphanumeric(24)}`),
    metadata: request.wantsMetadata ? routerMetadata(asked, model, 200) : undefined,
  }
  const error = fault === undefined ? undefined : lateError(fault, scripted, model)
  const reserved = worstCost(model, request.question)
  key.owner.reserved += reserved
  let open = true
  const finished = (played: Played): void => {
    if (!open) return
    open = false
    key.owner.reserved -= reserved
    const outputTokens = played.whole ? answer.outputTokens : Math.min(answer.outputTokens, played.tokens)
    const usd = costUsd(model, answer.promptTokens, outputTokens)
    if (usd > 0) charge(key, usd, world.clock.now())
    rememberGeneration(world.openrouter, key, generation, {
      streamed: request.streaming,
      cancelled: !played.whole,
      outputTokens,
      usd,
    })
  }
  const plan: Plan = {
    pace: world.pace,
    record,
    fault,
    errorFrame: (_fault, tokens) => writeErrorFrame(generation, error ?? {}, placeOf(fault, tokens)),
    finished,
  }
  const headers = { 'x-generation-id': generation.id }
  if (
    fault?.kind === 'error-in-200' ||
    (scripted !== undefined && !request.streaming && fault?.at === 'after-comments')
  ) {
    finished({ tokens: 0, whole: false })
    record.entry.status = 200
    record.settle('failed', fault!.kind)
    return exchange.reply(200, { ...json, ...headers }, fault!.body ?? JSON.stringify({ error }))
  }
  if (!request.streaming) {
    const partial = fault?.kind === 'choice-error' || scripted !== undefined ? error : undefined
    return playBody(exchange, { ...json, ...headers }, writeResult(generation, partial), plan)
  }
  const { keepAliveComments, usageChunk } = world.openrouter.settings
  const { wordsPerChunk } = world.pace
  const frames = writeFrames(generation, { keepAliveComments, usageChunk, wordsPerChunk })
  return playFrames(exchange, { ...eventStream, ...headers }, frames, plan)
}

function placeOf(fault: ScriptedFault | undefined, tokens: number): 'no-choices' | 'top' | 'choice' {
  if (fault?.kind === 'choice-error') return 'choice'
  return tokens === 0 && fault?.at === 'after-comments' ? 'no-choices' : 'top'
}
