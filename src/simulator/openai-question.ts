import { base64Bytes, type Question, type ToolOffer } from './answer.ts'
import { isRecord, readNumber, readRecords, readString, readStrings, type Json } from './json.ts'

interface Heard {
  chars: number
  lastUserText: string
  lastRole: string
  lastText: string
  readonly imageBytes: number[]
}

function hearPart(part: Json, heard: Heard): string {
  const text = readString(part['text'])
  if (text !== undefined) return text
  const image = part['image_url']
  const url = typeof image === 'string' ? image : isRecord(image) ? readString(image['url']) : undefined
  if (url === undefined) return ''
  const comma = url.startsWith('data:') ? url.indexOf(',') : -1
  heard.imageBytes.push(comma === -1 ? 0 : base64Bytes(url.slice(comma + 1)))
  return ''
}

function hearMessage(message: Json, heard: Heard): void {
  const { content } = message
  const text =
    typeof content === 'string'
      ? content
      : readRecords(content)
          .map((part) => hearPart(part, heard))
          .join('')
  heard.chars += text.length
  for (const call of readRecords(message['tool_calls'])) {
    const called = call['function']
    if (isRecord(called)) heard.chars += (readString(called['arguments']) ?? '').length
  }
  heard.lastRole = readString(message['role']) ?? ''
  heard.lastText = text
  if (heard.lastRole === 'user') heard.lastUserText = text
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

/** The schema a `response_format` asks for; a plain JSON object holds what the user said. */
function readSchema(value: unknown, lastUserText: string): Json | undefined {
  if (!isRecord(value)) return undefined
  if (value['type'] === 'json_object')
    return { type: 'object', properties: { said: { const: lastUserText } } }
  const named = value['type'] === 'json_schema' ? value['json_schema'] : undefined
  if (!isRecord(named)) return undefined
  return isRecord(named['schema']) ? named['schema'] : { type: 'object' }
}

/** Reads a chat completions body. */
export function readOpenAiQuestion(body: Json): Question {
  const heard: Heard = { chars: 0, lastUserText: '', lastRole: '', lastText: '', imageBytes: [] }
  for (const message of readRecords(body['messages'])) hearMessage(message, heard)
  const { reasoning, reasoning_effort: effort, include_reasoning: include } = body
  const asked = isRecord(reasoning)
    ? reasoning['enabled'] !== false && reasoning['effort'] !== 'none' && reasoning['exclude'] !== true
    : include === true || (typeof effort === 'string' && effort !== 'none')
  return {
    promptChars: heard.chars,
    lastUserText: heard.lastUserText,
    toolResult: heard.lastRole === 'tool' ? heard.lastText : undefined,
    tools: readTools(body['tools']),
    toolChoice: readToolChoice(body['tool_choice']),
    oneToolCall: body['parallel_tool_calls'] === false,
    imageBytes: heard.imageBytes,
    schema: readSchema(body['response_format'], heard.lastUserText),
    wantsReasoning: asked,
    maxTokens: readNumber(body['max_completion_tokens']) ?? readNumber(body['max_tokens']),
    stop: readStrings(body['stop']),
  }
}
