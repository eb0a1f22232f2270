import type { Part } from '../chat/types.ts'

/** An image by its address, or itself where the address is a base64 data URL. */
export function readImage(url: string): Part {
  const inline = /^data:([^;,]*)(?:;[^,]*)?;base64,/i.exec(url)
  if (inline === null) return { type: 'image-url', url }
  const mediaType = inline[1] === undefined || inline[1] === '' ? 'image/png' : inline[1]
  return { type: 'image', mediaType, data: url.slice(inline[0].length) }
}

/** A document given as a base64 data URL; undefined for anything else. */
export function readFile(url: string, name: string | undefined): Part | undefined {
  const inline = /^data:([^;,]+)(?:;[^,]*)?;base64,/i.exec(url)
  if (inline === null) return undefined
  const data = url.slice(inline[0].length)
  return { type: 'file', mediaType: inline[1] ?? '', data, ...(name === undefined ? {} : { name }) }
}

export function dataUrl(part: { readonly mediaType: string; readonly data: string }): string {
  return `data:${part.mediaType};base64,${part.data}`
}
