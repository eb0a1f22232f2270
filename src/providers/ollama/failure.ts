import type { Json } from '../../chat/types.ts'
import { isPage, readJson, readObject, readText } from '../bodies.ts'
import { readReset, readHeader, readRetryAfterMs } from '../headers.ts'
import type { Failure, RawReply } from '../provider.ts'

const maxText = 2000
/** Newer messages end in the id of the request on their side, which no rule should see. */
const reference = / ?\(ref: [0-9a-fA-F-]{8,40}\)\.?$/
/** Limit refusals name the account: "you (NAME) have reached …". */
const named = /^you \(([^()]{1,100})\) have /i

/**
 * Reads an error of Ollama: `{"error":"text"}` from the gateway and in a stream's last line, an object in `error` on the
 * compatible routes, or bare text (docs: https://docs.ollama.com/api/errors).
 */
export function readFailure(reply: RawReply, now: number): Failure {
  const json = readJson(reply.text)
  const words = readWords(json)
  const plain =
    words ?? (json === undefined && !isPage(reply.text) ? reply.text.slice(0, maxText).trim() : '')
  const text = plain.slice(0, maxText).replace(reference, '')
  const account = named.exec(text)?.[1]
  const retryAfterMs = readRetryAfterMs(reply.headers, now)
  const resetsAt = readReset(readHeader(reply.headers, 'x-ratelimit-reset'), now)
  return {
    status: reply.status,
    // The name is the operator's business; clients see this message.
    message: text.replace(named, 'you have '),
    shaped: words !== undefined,
    marks: readText(readObject(json)?.['signin_url']) === undefined ? [] : ['sign-in'],
    ...(resetsAt !== undefined && { resetsAt }),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
    ...(account !== undefined && { account }),
  }
}

/** The error's text wherever the route puts it; undefined when the body is none of the known shapes. */
function readWords(json: Json | undefined): string | undefined {
  const error = readObject(json)?.['error']
  // A 401 was seen as a JSON string (github.com/continuedev/continue/issues/11082).
  return readText(json) ?? readText(error) ?? readText(readObject(error)?.['message'])
}
