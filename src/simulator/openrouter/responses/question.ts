import type { Question, ToolOffer } from '../../answer.ts'
import { Heard } from '../../heard.ts'
import { isRecord, readNumber, readRecords, readString, type Json } from '../../json.ts'
import { asksReasoning, hearContent, readSchema } from '../../openai-question.ts'

function hearItem(item: Json, heard: Heard): void {
  switch (item['type'] ?? 'message') {
    case 'message':
      return heard.say(readString(item['role']) ?? '', hearContent(item['content'], heard))
    case 'function_call_output':
    case 'custom_tool_call_output':
      return heard.say('tool', hearContent(item['output'], heard))
    case 'function_call':
      return heard.count(readString(item['arguments']) ?? '')
    case 'custom_tool_call':
      return heard.count(readString(item['input']) ?? '')
    default:
      return heard.count(readString(item['encrypted_content']) ?? '')
  }
}

/** The functions among the tools, in namespaces or not; the server's own tools are never called. */
function readTools(value: unknown, namespace?: string): readonly ToolOffer[] {
  return readRecords(value).flatMap((tool): readonly ToolOffer[] => {
    const name = readString(tool['name'])
    if (name === undefined || name === '') return []
    if (tool['type'] === 'namespace') return readTools(tool['tools'], name)
    if (tool['type'] !== 'function') return []
    const parameters = isRecord(tool['parameters']) ? tool['parameters'] : {}
    return [namespace === undefined ? { name, parameters } : { name, namespace, parameters }]
  })
}

function readToolChoice(choice: unknown): Question['toolChoice'] {
  if (choice === 'none' || choice === 'required') return choice
  const name = isRecord(choice) && choice['type'] === 'function' ? readString(choice['name']) : undefined
  return name === undefined ? 'auto' : { name }
}

/** Reads a responses body (https://platform.openai.com/docs/api-reference/responses/create). */
export function readResponsesQuestion(body: Json): Question {
  const heard = new Heard()
  heard.count(readString(body['instructions']) ?? '')
  if (typeof body['input'] === 'string') heard.say('user', body['input'])
  for (const item of readRecords(body['input'])) hearItem(item, heard)
  const text = isRecord(body['text']) ? body['text'] : {}
  const format = isRecord(text['format']) ? text['format'] : {}
  return {
    promptChars: heard.chars,
    lastUserText: heard.lastUserText,
    toolResult: heard.toolResult,
    tools: readTools(body['tools']),
    toolChoice: readToolChoice(body['tool_choice']),
    oneToolCall: body['parallel_tool_calls'] === false,
    imageBytes: heard.imageBytes,
    schema: readSchema(format['type'], format['schema'], heard.lastUserText),
    wantsReasoning: isRecord(body['reasoning']) && asksReasoning(body['reasoning']),
    maxTokens: readNumber(body['max_output_tokens']),
    stop: [],
  }
}
