import type { Question, ToolOffer } from './answer.ts'
import { Heard } from './heard.ts'
import { isRecord, readNumber, readRecords, readString, readStrings, type Json } from './json.ts'

function hearPart(part: Json, heard: Heard): string {
  const text = readString(part['text'])
  if (text !== undefined) return text
  const image = part['image_url']
  const url = typeof image === 'string' ? image : isRecord(image) ? readString(image['url']) : undefined
  if (url !== undefined) heard.see(url)
  return ''
}

/** The text of a content that is a string or a list of parts; images are seen on the way. */
export function hearContent(content: unknown, heard: Heard): string {
  if (typeof content === 'string') return content
  return readRecords(content)
    .map((part) => hearPart(part, heard))
    .join('')
}

function hearMessage(message: Json, heard: Heard): void {
  for (const call of readRecords(message['tool_calls'])) {
    const called = call['function']
    if (isRecord(called)) heard.count(readString(called['arguments']) ?? '')
  }
  heard.say(readString(message['role']) ?? '', hearContent(message['content'], heard))
}

/** The function tools of a request; OpenAI and Ollama offer them in the same form. */
export function readTools(value: unknown): readonly ToolOffer[] {
  return readRecords(value).flatMap((tool) => {
    const offered = tool['function']
    const name = isRecord(offered) ? readString(offered['name']) : undefined
    if (!isRecord(offered) || name === undefined || name === '') return []
    return [{ name, parameters: isRecord(offered['parameters']) ? offered['parameters'] : {} }]
  })
}

function readToolChoice(value: unknown): Question['toolChoice'] {
  if (value === 'none' || value === 'required') return value
  const chosen = isRecord(value) ? value['function'] : undefined
  const name = isRecord(chosen) ? readString(chosen['name']) : undefined
  return name === undefined ? 'auto' : { name }
}

/** The schema of a JSON answer; a plain JSON object holds what the user said. */
export function readSchema(type: unknown, schema: unknown, lastUserText: string): Json | undefined {
  if (type === 'json_object') return { type: 'object', properties: { said: { const: lastUserText } } }
  if (type !== 'json_schema') return undefined
  return isRecord(schema) ? schema : { type: 'object' }
}

/** Whether OpenRouter's `reasoning` member asks for reasoning that is shown. */
export function asksReasoning(reasoning: Json): boolean {
  return reasoning['enabled'] !== false && reasoning['effort'] !== 'none' && reasoning['exclude'] !== true
}

/** Reads a chat completions body. */
export function readOpenAiQuestion(body: Json): Question {
  const heard = new Heard()
  for (const message of readRecords(body['messages'])) hearMessage(message, heard)
  const { reasoning, reasoning_effort: effort, include_reasoning: include } = body
  const format = isRecord(body['response_format']) ? body['response_format'] : {}
  const named = isRecord(format['json_schema']) ? format['json_schema'] : {}
  return {
    promptChars: heard.chars,
    lastUserText: heard.lastUserText,
    toolResult: heard.toolResult,
    tools: readTools(body['tools']),
    toolChoice: readToolChoice(body['tool_choice']),
    oneToolCall: body['parallel_tool_calls'] === false,
    imageBytes: heard.imageBytes,
    schema: readSchema(format['type'], named['schema'], heard.lastUserText),
    wantsReasoning: isRecord(reasoning)
      ? asksReasoning(reasoning)
      : include === true || (typeof effort === 'string' && effort !== 'none'),
    maxTokens: readNumber(body['max_completion_tokens']) ?? readNumber(body['max_tokens']),
    stop: readStrings(body['stop']),
  }
}
