import type { Secret } from '../../secret.ts'
import { quoted } from '../outlook.ts'
import type { Sent, Target } from '../target.ts'
import { plainText } from '../text.ts'

export interface SmtpSettings {
  readonly host: string
  readonly port: number
  /** `starttls`: refused where the server does not offer it, so that nothing is read on the way. */
  readonly security: 'tls' | 'starttls' | 'none'
  readonly user: string | undefined
  readonly password: Secret | undefined
  readonly from: string
  readonly to: readonly string[]
}

const connectMs = 10_000
const silenceMs = 20_000

/** E-mail by a mail server. One connection a message: messages are rare. */
export function smtpTarget(name: string, settings: SmtpSettings): Target {
  const { host, port, security, user, password, from, to } = settings
  return {
    name,
    digests: true,
    async send(notice) {
      // Loaded by those who use it only: a gateway starts without.
      const { createTransport } = await import('nodemailer')
      const mailer = createTransport({
        host,
        port,
        secure: security === 'tls',
        requireTLS: security === 'starttls',
        ignoreTLS: security === 'none',
        connectionTimeout: connectMs,
        greetingTimeout: connectMs,
        dnsTimeout: connectMs,
        socketTimeout: silenceMs,
        disableFileAccess: true,
        disableUrlAccess: true,
        ...(user === undefined ? {} : { auth: { user, pass: password?.reveal() ?? '' } }),
      })
      try {
        const { rejected, rejectedErrors = [] } = await mailer.sendMail({
          from,
          to: [...to],
          subject: `[Switchyard] ${notice.title}`,
          text: plainText(notice),
          // RFC 3834: no out-of-office reply is wanted.
          headers: { 'Auto-Submitted': 'auto-generated' },
        })
        if (rejected.length === 0) return { ok: true, detail: 'accepted by the mail server' }
        // Sent again it would reach the others twice.
        const { detail } = failed(rejectedErrors[0] ?? {}, password)
        return {
          ok: false,
          detail: `refused for ${rejected.length} of ${to.length} recipients: ${detail}`,
          retry: false,
        }
      } catch (error) {
        return failed(error, password)
      } finally {
        mailer.close()
      }
    },
  }
}

function failed(error: unknown, password: Secret | undefined): Sent {
  const { code, responseCode, response } = error as Readonly<
    Record<'code' | 'responseCode' | 'response', unknown>
  >
  if (code === 'ETLS') return { ok: false, detail: 'no secure connection (ETLS)', retry: false }
  if (typeof responseCode !== 'number') {
    // nodemailer gives every trouble of a connection one code; what it was stands in the message only.
    const reason = error instanceof Error ? error.message : String(code)
    const shown = quoted(password?.hiddenIn(reason) ?? reason)
    return { ok: false, detail: `no connection (${shown})`, retry: true }
  }
  // What a server says to a refused login might repeat what was sent, in any encoding.
  const words =
    code === 'EAUTH' ? `${responseCode}, the login was refused` : quoted(String(response ?? responseCode))
  // 5xx is the server's last word (RFC 5321, 4.2.1); 4xx asks to come again.
  return { ok: false, detail: `SMTP ${words}`, retry: responseCode < 500 }
}
