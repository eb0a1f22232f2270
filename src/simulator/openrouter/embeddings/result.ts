import { readNumber, type Json } from '../../json.ts'
import { base64Vector, vectorOf } from '../../vectors.ts'
import { costOf, modelName, type Generation } from '../generation.ts'
import { readInputs } from './inputs.ts'

function usageMember({ served, use, usage }: Generation): Json {
  if (usage === 'none') return {}
  const counts = { prompt_tokens: use.promptTokens, total_tokens: use.promptTokens }
  if (usage === 'counts') return { usage: counts }
  const cost = costOf(served, use)
  return {
    usage: {
      ...counts,
      cost: cost.usd,
      is_byok: false,
      cost_details: {
        upstream_inference_cost: null,
        upstream_inference_prompt_cost: cost.promptUsd,
        upstream_inference_completions_cost: 0,
      },
    },
  }
}

/** What the vectors of an answer are; one that says nothing has no vectors, or empty ones. */
function vectorsOf({ served, body, answer }: Generation): readonly (readonly number[])[] {
  const inputs = readInputs(body['input']) ?? []
  if (answer.finish === 'length') return inputs.map(() => [])
  if (answer.text === null) return []
  const own = served.dimensions ?? 0
  const dimensions = Math.min(own, readNumber(body['dimensions']) ?? own)
  return inputs.map(({ text }) => vectorOf(text, dimensions))
}

/** The whole answer; an embedding has no other form. */
export function writeEmbeddings(generation: Generation): string {
  const { id, served, body, metadata } = generation
  const inBase64 = body['encoding_format'] === 'base64'
  return JSON.stringify({
    id,
    object: 'list',
    provider: served.provider,
    model: modelName(served),
    data: vectorsOf(generation).map((vector, index) => ({
      object: 'embedding',
      index,
      embedding: inBase64 ? base64Vector(vector) : vector,
    })),
    ...usageMember(generation),
    ...(metadata === undefined ? {} : { openrouter_metadata: metadata }),
  })
}
