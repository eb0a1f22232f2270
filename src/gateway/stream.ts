import type { ServerResponse } from 'node:http'

// A client that takes nothing for this long is gone in all but name.
const stalledClientMs = 60_000

/** Writes a stream at the pace of its reader; `heard` is called with each chunk. Returns its last chunk; undefined when the reader left or stalled. */
export async function pipeChunks(
  chunks: AsyncIterable<Uint8Array>,
  response: ServerResponse,
  heard: () => void,
): Promise<Uint8Array | undefined> {
  let last: Uint8Array = new Uint8Array()
  for await (const chunk of chunks) {
    if (response.destroyed) return undefined
    heard()
    if (!response.write(chunk) && !(await drained(response))) return undefined
    last = chunk
  }
  return response.destroyed ? undefined : last
}

function drained(response: ServerResponse): Promise<boolean> {
  return new Promise((resolve) => {
    const done = (ok: boolean): void => {
      clearTimeout(timer)
      response.off('drain', onDrain).off('close', onClose)
      resolve(ok)
    }
    const onDrain = (): void => done(true)
    const onClose = (): void => done(false)
    const timer = setTimeout(() => {
      response.destroy()
      done(false)
    }, stalledClientMs)
    response.on('drain', onDrain).on('close', onClose)
    if (response.destroyed) onClose()
  })
}
