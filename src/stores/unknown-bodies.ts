import { createHash } from 'node:crypto'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** An error answer that no rule knew, with nothing in it that tells who somebody is. */
export interface UnknownBody {
  readonly provider: string
  readonly status: number
  readonly text: string
  /** Epoch milliseconds. */
  readonly at: number
}

/** Keeps bodies that the fault table does not know, so that they can be reported. */
export interface UnknownBodies {
  /** The file it was kept in; undefined when the same one is kept already, or the folder is full or cannot be written. */
  keep(body: UnknownBody): Promise<string | undefined>
}

const maxFiles = 100
const maxCharacters = 16_384

/** One JSON file a body in `folder`, readable by `switchyard explain`. The folder is made with the first one. */
export function keepUnknownBodies(folder: string): UnknownBodies {
  let last: Promise<unknown> = Promise.resolve()
  return {
    keep(body) {
      // One after the other: a service in trouble answers many calls at once, and all would see a folder with room.
      const kept = last.then(() => keepOne(folder, body))
      last = kept
      return kept
    },
  }
}

async function keepOne(
  folder: string,
  { provider, status, text, at }: UnknownBody,
): Promise<string | undefined> {
  const body = text.slice(0, maxCharacters)
  // Numbers differ from one answer to the next; the same words are the same body.
  const words = body.replaceAll(/\d+/g, '#')
  const id = createHash('sha256').update(`${provider} ${status} ${words}`).digest('hex').slice(0, 12)
  const file = join(folder, `${provider}-${status}-${id}.json`)
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    if ((await readdir(folder)).length >= maxFiles) return undefined
    const record = { provider, status, seen: new Date(at).toISOString(), body }
    await writeFile(file, `${JSON.stringify(record, undefined, 2)}\n`, { mode: 0o600, flag: 'wx' })
    return file
  } catch {
    // Known already, or nowhere to write: the call's own error has been told either way.
    return undefined
  }
}
