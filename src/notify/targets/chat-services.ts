import { Secret } from '../../secret.ts'
import type { Transport } from '../../wire/transport.ts'
import type { Notice } from '../notice.ts'
import { post } from '../post.ts'
import type { Target } from '../target.ts'
import { bodyText, plainText, withoutMentions } from '../text.ts'

/** A target that takes JSON at an address; the address itself is a secret with most services. */
interface JsonTarget {
  readonly name: string
  readonly url: URL
  readonly headers?: Readonly<Record<string, string>>
  readonly secrets: readonly Secret[]
  readonly body: (notice: Notice) => object
}

function jsonTarget({ name, url, headers = {}, secrets, body }: JsonTarget, transport: Transport): Target {
  return {
    name,
    digests: true,
    send: (notice) => post(transport, { url, headers, body: JSON.stringify(body(notice)), secrets }),
  }
}

/** An incoming webhook of Slack (docs.slack.dev/messaging/sending-messages-using-incoming-webhooks), or of what is like it. */
export function slackTarget(name: string, url: Secret, transport: Transport): Target {
  const secrets = pathSecrets(url)
  // Three characters are Slack's own; left as they are, foreign words could call everybody in the channel.
  const escape = (text: string): string =>
    text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
  const body = (notice: Notice): object => ({
    // What takes the same format mentions whoever stands behind an "@" (developers.mattermost.com/integrate/webhooks/incoming).
    text: escape(plainText(notice, withoutMentions)),
    mrkdwn: false,
    unfurl_links: false,
    unfurl_media: false,
  })
  return jsonTarget({ name, url: new URL(url.reveal()), secrets, body }, transport)
}

/** A webhook of a Discord channel (docs.discord.com/developers/resources/webhook). */
export function discordTarget(name: string, url: Secret, transport: Transport): Target {
  // Discord reads Markdown in every message and has no switch for it.
  const escape = (text: string): string => text.replaceAll(/[\\*_~`|<>[\]#]/g, '\\$&')
  const body = (notice: Notice): object => ({
    content: plainText(notice, escape),
    // Foreign words mention nobody.
    allowed_mentions: { parse: [] },
    // Suppresses previews of links.
    flags: 4,
  })
  return jsonTarget({ name, url: new URL(url.reveal()), secrets: pathSecrets(url), body }, transport)
}

/** A Telegram bot (core.telegram.org/bots/api#sendmessage). Plain text: nothing in it is markup but an "@". */
export function telegramTarget(
  name: string,
  { token, chat, server }: { readonly token: Secret; readonly chat: string; readonly server: string },
  transport: Transport,
): Target {
  const url = new URL(`${server.replace(/\/+$/, '')}/bot${token.reveal()}/sendMessage`)
  const body = (notice: Notice): object => ({
    chat_id: chat,
    text: plainText(notice, withoutMentions),
    link_preview_options: { is_disabled: true },
    disable_notification: notice.kind !== 'test' && !notice.urgent,
  })
  return jsonTarget({ name, url, secrets: [token], body }, transport)
}

/** A topic of ntfy.sh or of a server of one's own, as JSON to its root (docs.ntfy.sh/publish/#publish-as-json): headers carry ASCII only. */
export function ntfyTarget(
  name: string,
  { url, token }: { readonly url: Secret; readonly token: Secret | undefined },
  transport: Transport,
): Target {
  const root = new URL(url.reveal())
  const [, folder = '', topic = ''] = /^(.*\/)([^/]+)\/?$/.exec(root.pathname) ?? []
  root.pathname = folder
  const headers: Record<string, string> =
    token === undefined ? {} : { authorization: `Bearer ${token.reveal()}` }
  const body = (notice: Notice): object => ({
    topic,
    title: notice.title,
    message: bodyText(notice),
    priority: notice.urgent ? 4 : 3,
  })
  const secrets = [...pathSecrets(url), ...(token === undefined ? [] : [token])]
  return jsonTarget({ name, url: root, headers, secrets, body }, transport)
}

/** Whoever knows a part of the path may be able to post; a service that quotes it, as it came or decoded, is not repeated. */
export function pathSecrets(url: Secret): readonly Secret[] {
  const { pathname, search, searchParams } = new URL(url.reveal())
  const written = `${pathname}${search}`.split(/[/?&=]/)
  const parts = new Set([url.reveal(), ...written, ...written.map(decoded), ...searchParams.values()])
  return [...parts].filter((part) => part.length >= 8).map((part) => new Secret(part))
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
