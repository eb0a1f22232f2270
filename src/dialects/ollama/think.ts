import type { ChatRequest } from '../../chat/types.ts'
import { effortOf } from '../effort.ts'
import type { Loose } from '../lenient.ts'

type Reasoning = NonNullable<ChatRequest['reasoning']>

export function readThink(think: Loose): Reasoning | undefined {
  switch (think) {
    case true:
      return { effort: 'medium' }
    case false:
      return { effort: 'none' }
    case 'low':
    case 'medium':
    case 'high':
    case 'max':
      return { effort: think }
    default:
      return undefined
  }
}

// The same scale as Ollama's own OpenAI layer; other words are refused
// (https://github.com/ollama/ollama/blob/main/openai/openai.go).
export function writeThink(reasoning: Reasoning | undefined): string | boolean | undefined {
  switch (effortOf(reasoning)) {
    case 'none':
      return false
    case 'minimal':
    case 'low':
      return 'low'
    case 'medium':
      return 'medium'
    case 'high':
      return 'high'
    case 'xhigh':
    case 'max':
      return 'max'
    case undefined:
      return undefined
  }
}
