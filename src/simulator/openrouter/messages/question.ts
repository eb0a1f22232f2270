import type { Question, ToolOffer } from '../../answer.ts'
import { Heard } from '../../heard.ts'
import { isRecord, readNumber, readRecords, readString, readStrings, type Json } from '../../json.ts'
import { readSchema } from '../../openai-question.ts'

function seeImage(block: Json, heard: Heard): void {
  const source = isRecord(block['source']) ? block['source'] : {}
  const data = readString(source['data'])
  heard.see(data === undefined ? (readString(source['url']) ?? '') : `data:,${data}`)
}

/** The text of a content that is a string or a list of blocks; what is not text is taken in on the way. */
function hearContent(content: unknown, heard: Heard): string {
  if (typeof content === 'string') return content
  let text = ''
  for (const block of readRecords(content)) {
    if (block['type'] === 'text') text += readString(block['text']) ?? ''
    else if (block['type'] === 'image') seeImage(block, heard)
    else if (block['type'] === 'tool_use') heard.count(JSON.stringify(block['input'] ?? {}))
    else if (block['type'] === 'thinking') heard.count(readString(block['thinking']) ?? '')
  }
  return text
}

function hearMessage(message: Json, heard: Heard): void {
  const { content } = message
  const role = readString(message['role']) ?? ''
  const text = hearContent(content, heard)
  const results = readRecords(content).filter((block) => block['type'] === 'tool_result')
  if (text !== '' || results.length === 0) heard.say(role, text)
  // A client may put reminders beside the results of tools; the turn is still about the results.
  for (const result of results) heard.say('tool', hearContent(result['content'], heard))
}

/** The tools a client runs itself; those of the server's have a type and no schema. */
function readTools(value: unknown): readonly ToolOffer[] {
  return readRecords(value).flatMap((tool) => {
    const name = readString(tool['name'])
    const schema = tool['input_schema']
    return name === undefined || name === '' || !isRecord(schema) ? [] : [{ name, parameters: schema }]
  })
}

function readToolChoice(choice: Json): Question['toolChoice'] {
  if (choice['type'] === 'none') return 'none'
  if (choice['type'] === 'any') return 'required'
  const name = choice['type'] === 'tool' ? readString(choice['name']) : undefined
  return name === undefined ? 'auto' : { name }
}

function wantsThinking(thinking: unknown): boolean {
  if (!isRecord(thinking) || thinking['display'] === 'omitted') return false
  return thinking['type'] === 'enabled' || thinking['type'] === 'adaptive'
}

/** Reads a messages body (https://platform.claude.com/docs/en/api/messages). */
export function readMessagesQuestion(body: Json): Question {
  const heard = new Heard()
  heard.count(hearContent(body['system'], heard))
  for (const message of readRecords(body['messages'])) hearMessage(message, heard)
  const choice = isRecord(body['tool_choice']) ? body['tool_choice'] : {}
  const output = isRecord(body['output_config']) ? body['output_config'] : {}
  const format = isRecord(output['format']) ? output['format'] : {}
  return {
    promptChars: heard.chars,
    lastUserText: heard.lastUserText,
    toolResult: heard.toolResult,
    tools: readTools(body['tools']),
    toolChoice: readToolChoice(choice),
    oneToolCall: choice['disable_parallel_tool_use'] === true,
    imageBytes: heard.imageBytes,
    schema: readSchema(format['type'], format['schema'], heard.lastUserText),
    wantsReasoning: wantsThinking(body['thinking']),
    maxTokens: readNumber(body['max_tokens']),
    stop: readStrings(body['stop_sequences']),
  }
}
