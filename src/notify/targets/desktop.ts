import { execFile } from 'node:child_process'
import type { Notice } from '../notice.ts'
import type { Sent, Target } from '../target.ts'
import { bodyText } from '../text.ts'

/** The machine whose desktop shows messages. */
export interface DesktopPort {
  readonly platform: NodeJS.Platform
  readonly environment: Readonly<Record<string, string | undefined>>
}

interface DesktopCommand {
  readonly program: string
  readonly args: readonly string[]
  /** What to do when there is no such program. */
  readonly missing: string
}

const timeoutMs = 5_000
// What those programs need to find the desktop. Keys of services stand in the environment too, and are not theirs.
const passedOn = [
  'PATH',
  'HOME',
  'LANG',
  'DISPLAY',
  'WAYLAND_DISPLAY',
  'XAUTHORITY',
  'XDG_RUNTIME_DIR',
  'DBUS_SESSION_BUS_ADDRESS',
]

/** A message on the desktop of the machine that the gateway runs on: by `notify-send`, on macOS by `osascript`. */
export function desktopTarget(name: string, { platform, environment }: DesktopPort): Target {
  return {
    name,
    digests: true,
    send(notice) {
      const command = desktopCommand(platform, notice)
      if (command !== undefined) return run(command, environment)
      const detail = `no way is known to show a message on the desktop of ${platform}`
      return Promise.resolve({ ok: false, detail, retry: false })
    },
  }
}

/**
 * No shell, and nothing that a service wrote is ever an option or a part of a script: the title begins with our name, and
 * the script of osascript takes its words as arguments.
 */
export function desktopCommand(
  platform: NodeJS.Platform,
  notice: Pick<Notice, 'title' | 'lines' | 'urgent'>,
): DesktopCommand | undefined {
  const title = `Switchyard: ${notice.title}`
  const body = bodyText(notice)
  if (platform === 'darwin') {
    const script = [
      'on run argv',
      'display notification (item 2 of argv) with title (item 1 of argv)',
      'end run',
    ]
    const args = [...script.flatMap((line) => ['-e', line]), title, body]
    return { program: 'osascript', args, missing: 'it belongs to macOS' }
  }
  if (platform === 'win32') return undefined
  const urgency = notice.urgent ? 'critical' : 'normal'
  return {
    program: 'notify-send',
    args: ['--app-name=Switchyard', `--urgency=${urgency}`, '--', title, withoutMarkup(body)],
    missing: 'install libnotify (Debian: libnotify-bin)',
  }
}

/** Bodies are read as markup: https://specifications.freedesktop.org/notification-spec/latest/markup.html */
function withoutMarkup(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

function run(
  { program, args, missing }: DesktopCommand,
  environment: DesktopPort['environment'],
): Promise<Sent> {
  const env = Object.fromEntries(
    passedOn.flatMap((name) => (name in environment ? [[name, environment[name]]] : [])),
  )
  return new Promise((resolve) => {
    execFile(program, args, { timeout: timeoutMs, env }, (error) => {
      if (error === null) return resolve({ ok: true, detail: `shown by ${program}` })
      if (error.code === 'ENOENT')
        return resolve({ ok: false, detail: `there is no ${program}; ${missing}`, retry: false })
      const how =
        error.killed === true
          ? `did not end within ${timeoutMs / 1000} s`
          : `failed (${String(error.code ?? error.signal)})`
      // Nobody may be logged in yet.
      resolve({ ok: false, detail: `${program} ${how}; is there a desktop?`, retry: true })
    })
  })
}
