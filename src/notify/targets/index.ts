import type { Clock } from '../../clock.ts'
import type { Transport } from '../../wire/transport.ts'
import type { TargetSettings } from '../settings.ts'
import type { Subscription, Target } from '../target.ts'
import { discordTarget, ntfyTarget, slackTarget, telegramTarget } from './chat-services.ts'
import { type DesktopPort, desktopTarget } from './desktop.ts'
import { smtpTarget } from './smtp.ts'
import { type TerminalPort, terminalTarget } from './terminal.ts'
import { webhookTarget } from './webhook.ts'

export interface TargetPorts {
  readonly transport: Transport
  readonly clock: Clock
  readonly terminal: TerminalPort
  readonly desktop: DesktopPort
}

/** The targets of a config, ready to send. */
export function createSubscriptions(
  settings: readonly TargetSettings[],
  ports: TargetPorts,
): readonly Subscription[] {
  return settings.map((each) => ({
    target: createTarget(each, ports),
    events: each.events,
    quiet: each.quiet,
  }))
}

function createTarget(settings: TargetSettings, ports: TargetPorts): Target {
  const { name } = settings
  const { transport } = ports
  switch (settings.type) {
    case 'stderr':
      return terminalTarget(name, settings, ports.terminal)
    case 'desktop':
      return desktopTarget(name, ports.desktop)
    case 'webhook':
      return webhookTarget(name, settings, ports)
    case 'slack':
      return slackTarget(name, settings.url, transport)
    case 'discord':
      return discordTarget(name, settings.url, transport)
    case 'telegram':
      return telegramTarget(name, settings, transport)
    case 'ntfy':
      return ntfyTarget(name, settings, transport)
    case 'smtp':
      return smtpTarget(name, settings)
  }
}
