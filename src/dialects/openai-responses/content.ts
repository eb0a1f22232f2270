import type { Json, JsonObject, Part } from '../../chat/types.ts'
import { dataUrl, readFile, readImage } from '../data-url.ts'
import { asList, asObject, asText, isList, present, type Loose } from '../lenient.ts'
import { joinTexts } from '../texts.ts'

/** Parts without a neutral form (audio, stored files) are left out here; the request keeps the original input then. */
export function readContent(content: Loose): Part[] {
  if (typeof content === 'string') return [{ type: 'text', text: content }]
  return asList(content).flatMap((value) => {
    const part = asObject(value)
    const read = part === undefined ? undefined : readPart(part)
    return read === undefined ? [] : [read]
  })
}

function readPart(part: JsonObject): Part | undefined {
  switch (part.type) {
    case 'input_text':
    case 'output_text':
    case 'text': {
      const text = asText(part.text)
      return text === undefined ? undefined : { type: 'text', text }
    }
    case 'refusal': {
      const text = asText(part.refusal)
      return text === undefined ? undefined : { type: 'text', text }
    }
    case 'input_image': {
      const url = asText(part.image_url)
      return url === undefined ? undefined : readImage(url)
    }
    case 'input_file':
      return readFile(asText(part.file_data) ?? '', asText(part.filename))
    default:
      return undefined
  }
}

/** The texts of an answer's message run on; its parts are no paragraphs. */
export function spokenText(content: Loose): string {
  return readContent(content)
    .map((part) => (part.type === 'text' ? part.text : ''))
    .join('')
}

export function textOf(content: Loose): string {
  return isList(content) ? joinTexts(readContent(content)) : (asText(content) ?? '')
}

/** What was said to a model; a single text goes as a plain string. */
export function writeContent(parts: readonly Part[]): Json {
  const [first] = parts
  if (first === undefined) return ''
  return parts.length === 1 && first.type === 'text' ? first.text : writeParts(parts)
}

export function writeParts(parts: readonly Part[]): JsonObject[] {
  return parts.flatMap((part): JsonObject[] => {
    switch (part.type) {
      case 'text':
        return [{ type: 'input_text', text: part.text }]
      case 'image':
        return [{ type: 'input_image', detail: 'auto', image_url: dataUrl(part) }]
      case 'image-url':
        return [{ type: 'input_image', detail: 'auto', image_url: part.url }]
      case 'file':
        return [present({ type: 'input_file', filename: part.name, file_data: dataUrl(part) })]
      default:
        return []
    }
  })
}
