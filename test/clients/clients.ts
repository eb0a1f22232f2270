import type { ClientUnderTest } from './client-under-test.ts'
import { aiSdkClients } from './families/ai-sdk.ts'
import { anthropicClients } from './families/anthropic.ts'
import { langchainClients } from './families/langchain.ts'
import { ollamaClients } from './families/ollama.ts'
import { openaiChatClients } from './families/openai-chat.ts'
import { openaiResponsesClients } from './families/openai-responses.ts'
import { openrouterClients } from './families/openrouter.ts'

/** The rows of the matrix. */
export const clients: readonly ClientUnderTest[] = [
  ...openaiChatClients,
  ...openaiResponsesClients,
  ...anthropicClients,
  ...ollamaClients,
  ...openrouterClients,
  ...aiSdkClients,
  ...langchainClients,
]
