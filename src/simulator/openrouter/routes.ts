import type { Exchange } from '../exchange.ts'
import { playRaw } from '../play.ts'
import type { World } from '../world.ts'
import { authRefusal, presentedKey } from './admission.ts'
import { chat } from './chat/dialect.ts'
import { embeddings } from './embeddings/dialect.ts'
import { plainRefusal, refusalBody, type Refusal } from './errors.ts'
import { infer } from './inference.ts'
import { writeKeyInfo } from './key-info.ts'
import { listedModels, writeModelList } from './lists.ts'
import { messages } from './messages/dialect.ts'
import { responses } from './responses/dialect.ts'
import type { OpenRouterKey } from './side.ts'
import type { OpenRouterDialect } from './dialect.ts'

/** Where OpenRouter's API lies on the simulator. */
export const openrouterPrefix = '/openrouter/api/v1'

const inferencePaths: ReadonlyMap<string, OpenRouterDialect> = new Map([
  ['/chat/completions', chat],
  ['/messages', messages],
  ['/responses', responses],
  ['/embeddings', embeddings],
])

const json = { 'content-type': 'application/json' }

function withKey(
  presented: string | undefined,
  key: OpenRouterKey | undefined,
  write: (key: OpenRouterKey) => string | Refusal,
): string | Refusal {
  const refusal = authRefusal(presented, key)
  return refusal === undefined && key !== undefined ? write(key) : refusal!
}

function decodePath(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}

function findEntry(world: World, path: string, now: number): string | Refusal {
  const id = decodePath(path.slice('/model/'.length))
  const model = listedModels(world.openrouter, now).find(
    (listed) => listed.id === id || listed.canonicalSlug === id,
  )
  if (model === undefined) return plainRefusal('unknown-model', 404, `Model ${id} not found`)
  return JSON.stringify({ data: model.entry })
}

/** Answers that are no inference, by path; undefined when the path is unknown. */
function readMetadata(
  world: World,
  exchange: Exchange,
  path: string,
  presented: string | undefined,
  key: OpenRouterKey | undefined,
): string | Refusal | undefined {
  const now = world.clock.now()
  const side = world.openrouter
  if (exchange.method !== 'GET') return undefined
  switch (path) {
    case '/models':
      return writeModelList(listedModels(side, now), exchange.query, 'text')
    case '/embeddings/models':
      return writeModelList(listedModels(side, now), exchange.query, 'embeddings')
    case '/models/count': {
      const count = listedModels(side, now).filter(({ output }) => output === 'text').length
      return JSON.stringify({ data: { count } })
    }
    case '/models/user':
      return withKey(presented, key, ({ owner }) =>
        writeModelList(listedModels(side, now, owner), exchange.query, 'text'),
      )
    case '/key':
    case '/auth/key':
      return withKey(presented, key, (known) => JSON.stringify({ data: writeKeyInfo(side, known, now) }))
    case '/credits':
      return withKey(presented, key, () =>
        plainRefusal('not-management', 403, 'Only management keys can perform this operation'),
      )
    case '/generation':
      return withKey(presented, key, ({ owner }) => {
        const id = exchange.query.get('id') ?? ''
        const generation = side.generations.get(id)
        if (generation?.owner !== owner) {
          return plainRefusal('unknown-generation', 404, `Generation ${id} not found`)
        }
        return JSON.stringify({ data: generation.data })
      })
    default:
      return path.startsWith('/model/') ? findEntry(world, path, now) : undefined
  }
}

/** Answers one call to the OpenRouter side. */
export async function serveOpenRouter(world: World, exchange: Exchange): Promise<void> {
  const path = exchange.path.slice(openrouterPrefix.length)
  const dialect = exchange.method === 'POST' ? inferencePaths.get(path) : undefined
  if (dialect !== undefined) return infer(world, exchange, dialect)
  const presented = presentedKey(exchange)
  const key = presented === undefined ? undefined : world.openrouter.keys.get(presented)
  const entry = world.books.metadata('openrouter', key, exchange.path, world.clock.now())
  const fault = world.faults.take({
    provider: 'openrouter',
    key: presented,
    account: key?.account,
    path,
    isInference: false,
  })
  if (fault !== undefined) {
    await exchange.pause(fault.delayMs ?? 0)
    if (await playRaw(exchange, fault, undefined, world.dice)) return
    entry.status = fault.status ?? 500
    const body =
      fault.body ?? JSON.stringify({ error: { message: 'Internal Server Error', code: entry.status } })
    return exchange.reply(entry.status, { ...json, ...fault.headers }, body)
  }
  const answer =
    readMetadata(world, exchange, path, presented, key) ?? plainRefusal('unknown-path', 404, 'Not Found')
  entry.status = typeof answer === 'string' ? 200 : answer.status
  const body = typeof answer === 'string' ? answer : JSON.stringify(refusalBody(answer))
  return exchange.reply(entry.status, json, body)
}
