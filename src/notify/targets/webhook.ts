import { createHash, createHmac } from 'node:crypto'
import type { Clock } from '../../clock.ts'
import type { Secret } from '../../secret.ts'
import type { Transport } from '../../wire/transport.ts'
import type { Notice } from '../notice.ts'
import { post } from '../post.ts'
import type { Target } from '../target.ts'
import { pathSecrets } from './chat-services.ts'

/**
 * JSON to an address of one's own, signed as standardwebhooks.com says: HMAC-SHA256 over id, time and body. A message that
 * is sent again keeps its id, so that the receiver can tell.
 */
export function webhookTarget(
  name: string,
  { url, secret }: { readonly url: Secret; readonly secret: Secret | undefined },
  { transport, clock }: { readonly transport: Transport; readonly clock: Clock },
): Target {
  const address = new URL(url.reveal())
  const secrets = [...pathSecrets(url), ...(secret === undefined ? [] : [secret])]
  return {
    name,
    digests: false,
    send(notice) {
      const id = idOf(notice)
      const body = JSON.stringify(payload(notice))
      const timestamp = String(Math.floor(clock.now() / 1000))
      const headers = {
        'webhook-id': id,
        'webhook-timestamp': timestamp,
        ...(secret === undefined ? {} : { 'webhook-signature': signature(secret, id, timestamp, body) }),
      }
      return post(transport, { url: address, headers, body, secrets })
    },
  }
}

/** Of what it says and when: the same after a restart too. */
function idOf({ kind, subject, at, title }: Notice): string {
  const facts = JSON.stringify([kind, subject, at, title])
  return `msg_${createHash('sha256').update(facts).digest('hex').slice(0, 32)}`
}

function payload({ kind, subject, urgent, at, until, title, lines }: Notice): object {
  return {
    type: kind,
    timestamp: new Date(at).toISOString(),
    data: {
      subject,
      title,
      lines,
      urgent,
      ...(until === undefined ? {} : { until: new Date(until).toISOString() }),
    },
  }
}

function signature(secret: Secret, id: string, timestamp: string, body: string): string {
  const text = secret.reveal()
  // The standard's own form of a secret is base64 behind a prefix; any other text counts as it is.
  const key = text.startsWith('whsec_') ? Buffer.from(text.slice(6), 'base64') : Buffer.from(text)
  return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`
}
