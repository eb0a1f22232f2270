import type { Exchange } from '../exchange.ts'
import { isRecord, parseJson, readString } from '../json.ts'
import { playRaw } from '../play.ts'
import type { World } from '../world.ts'
import { readBalance, readMe, readUsage } from './account-info.ts'
import { findKey } from './admission.ts'
import type { OllamaDialect } from './dialect.ts'
import { gatewayError, handlerError, writeError, type OllamaRefusal } from './errors.ts'
import { embed, embedOne } from './embed.ts'
import { infer } from './inference.ts'
import { hostedName, openAiEntry, writeShow, writeTags } from './models.ts'
import { nativeChat, nativeGenerate } from './native.ts'
import { openAiChat } from './openai.ts'
import type { OllamaKey } from './side.ts'

/** Where Ollama Cloud lies on the simulator. */
export const ollamaPrefix = '/ollama'

const inferencePaths: ReadonlyMap<string, OllamaDialect> = new Map([
  ['/api/chat', nativeChat],
  ['/api/generate', nativeGenerate],
  ['/api/embed', embed],
  ['/api/embeddings', embedOne],
  ['/v1/chat/completions', openAiChat],
])

async function showModel(world: World, exchange: Exchange): Promise<string | OllamaRefusal> {
  const body = parseJson((await exchange.readBody()) ?? '')
  const name = isRecord(body) ? (readString(body['model']) ?? readString(body['name'])) : undefined
  if (name === undefined || name === '') return handlerError('bad-request', 400, 'model is required')
  const model = world.ollama.models.get(hostedName(name))
  return model === undefined
    ? handlerError('unknown-model', 404, `model '${name}' not found`)
    : writeShow(model, world.ollama.settings.showsThinking)
}

function findOpenAiModel(world: World, path: string): string | OllamaRefusal {
  const name = path.slice('/v1/models/'.length)
  const model = world.ollama.models.get(hostedName(name.replaceAll('%3A', ':')))
  return model === undefined
    ? handlerError('unknown-model', 404, `model '${name}' not found`)
    : JSON.stringify(openAiEntry(model))
}

/** Answers that are no inference; lists and model facts need no key. */
async function readMetadata(
  world: World,
  exchange: Exchange,
  path: string,
  key: OllamaKey | undefined,
): Promise<string | OllamaRefusal> {
  const { models } = world.ollama
  switch (`${exchange.method} ${path}`) {
    case 'GET /api/tags':
      return writeTags(models.values())
    case 'POST /api/show':
      return showModel(world, exchange)
    case 'GET /v1/models':
      return JSON.stringify({ object: 'list', data: Array.from(models.values(), openAiEntry) })
    case 'GET /api/balance':
      return readBalance(world, key)
    case 'GET /api/usage':
      return readUsage(world, exchange, key)
    case 'POST /api/me':
      return readMe(key)
    default:
      if (exchange.method === 'GET' && path.startsWith('/v1/models/')) return findOpenAiModel(world, path)
      // Flat on every path, as seen in https://github.com/ollama/ollama/issues/14496.
      return gatewayError('unknown-path', 404, `path "${path}" not found`)
  }
}

/** Answers one call to the Ollama side. */
export async function serveOllama(world: World, exchange: Exchange): Promise<void> {
  const path = exchange.path.slice(ollamaPrefix.length)
  const dialect = exchange.method === 'POST' ? inferencePaths.get(path) : undefined
  if (dialect !== undefined) return infer(world, exchange, dialect)
  const key = findKey(world, exchange)
  const entry = world.books.metadata('ollama', key, exchange.path, world.clock.now())
  const fault = world.faults.take({
    provider: 'ollama',
    key: key?.value,
    account: key?.account,
    path,
    isInference: false,
  })
  if (fault !== undefined) {
    await exchange.pause(fault.delayMs ?? 0)
    if (await playRaw(exchange, fault, undefined, world.dice)) return
  }
  const answer =
    fault === undefined
      ? await readMetadata(world, exchange, path, key)
      : gatewayError(fault.kind, fault.status ?? 500, 'Internal Server Error')
  if (typeof answer === 'string') {
    entry.status = 200
    return exchange.reply(200, { 'content-type': 'application/json; charset=utf-8' }, answer)
  }
  const { status, headers, body } = writeError(world, answer, path)
  entry.status = status
  return exchange.reply(status, headers, body)
}
