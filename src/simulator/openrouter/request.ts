import type { Question } from '../answer.ts'
import type { Exchange } from '../exchange.ts'
import { isRecord, parseJson, readString, type Json } from '../json.ts'
import { availabilityRefusalOf, isRefusal, plainRefusal, type Refusal } from './errors.ts'
import type { Needs, OpenRouterModel } from './models.ts'
import { readPriceLimit, type PriceLimit } from './price-limit.ts'
import type { OpenRouterSide } from './side.ts'
import type { OpenRouterDialect } from './dialect.ts'

/** A call for inference that passed validation. */
export interface InferenceRequest {
  readonly body: Json
  /** The model asked for and its fallbacks, in order. */
  readonly models: readonly OpenRouterModel[]
  readonly streaming: boolean
  readonly needs: Needs
  readonly priceLimit: PriceLimit
  readonly question: Question
  /** The client wants `openrouter_metadata` in the answer. */
  readonly wantsMetadata: boolean
}

function findModel(side: OpenRouterSide, id: string): OpenRouterModel | undefined {
  const model = side.models.get(id)
  return model ?? side.models.get(id.replace(/:(nitro|floor|online|exacto|extended)$/, ''))
}

/** All the models asked for; one that is unknown, or serves elsewhere, fails the whole call, fallbacks or not. */
function findModels(
  side: OpenRouterSide,
  dialect: OpenRouterDialect,
  ids: readonly string[],
): readonly OpenRouterModel[] | Refusal {
  const models: OpenRouterModel[] = []
  for (const id of ids) {
    const model = findModel(side, id)
    if (model === undefined) return plainRefusal('unknown-model', 400, `${id} is not a valid model ID`)
    if (model.output !== dialect.output) {
      const message = `${id} does not serve ${dialect.output === 'text' ? 'text generation' : 'embeddings'}.`
      const facts = { code: 'wrong_endpoint', requested_models: [id] }
      return availabilityRefusalOf(side.settings, 'wrong-endpoint', 400, message, facts)
    }
    models.push(model)
  }
  return models
}

/** Steps 1 and 2 after the key: is this a request at all? */
export function readRequest(
  side: OpenRouterSide,
  exchange: Exchange,
  dialect: OpenRouterDialect,
  text: string,
): InferenceRequest | Refusal {
  const body = parseJson(text)
  if (!isRecord(body)) return plainRefusal('bad-request', 400, 'Invalid JSON body')
  const asked = dialect.read(body)
  if (isRefusal(asked)) return asked
  const { question, fallbacks } = asked
  if (fallbacks.length > 3) {
    return plainRefusal('bad-request', 400, "'models' array must have 3 items or fewer.")
  }
  const first = readString(body['model'])
  const ids = [...new Set(first === undefined ? fallbacks : [first, ...fallbacks])]
  if (ids.length === 0) return plainRefusal('bad-request', 400, 'No models provided')
  const models = findModels(side, dialect, ids)
  if (isRefusal(models)) return models
  const metadata = exchange.header('x-openrouter-metadata') ?? exchange.header(oldMetadataHeader)
  return {
    body,
    models,
    streaming: body['stream'] === true && dialect.frames !== undefined,
    needs: {
      tools: question.tools.length > 0,
      image: question.imageBytes.length > 0,
      structured: question.schema !== undefined,
    },
    priceLimit: readPriceLimit(body),
    question,
    wantsMetadata: metadata === 'enabled',
  }
}

const oldMetadataHeader = 'x-openrouter-experimental-metadata'
