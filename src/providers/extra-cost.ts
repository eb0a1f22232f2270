import type { JsonObject } from '../chat/types.ts'
import { readList, readObject, readText } from './bodies.ts'
import type { OutgoingCall } from './provider.ts'

// Tools that the caller runs. Any other type is run, and billed, by the service.
const ownTools: ReadonlySet<string> = new Set(['function', 'custom', 'namespace'])

// Of the listed price, or less of it. Absent: the usual one.
const usualTiers: ReadonlySet<string> = new Set(['auto', 'default', 'standard', 'standard_only', 'flex'])

/**
 * What a request asks a service to do beside answering in its usual way, in words; such work has prices that no request
 * and no list tells.
 */
export function serviceWork({ member }: OutgoingCall): string | undefined {
  // Faster tiers cost a multiple (docs: https://openrouter.ai/docs/guides/features/service-tiers), Anthropic's fast mode
  // too (docs: https://platform.claude.com/docs/en/build-with-claude/fast-mode).
  const tier = readText(member('service_tier'))
  if (tier !== undefined && !usualTiers.has(tier)) return `the service tier "${tier.slice(0, 40)}"`
  const speed = readText(member('speed'))
  if (speed !== undefined && speed !== 'standard') return `the speed "${speed.slice(0, 40)}"`
  if (readObject(member('web_search_options')) !== undefined) return 'web search'
  const foreign = readList(member('tools')).some((entry) => {
    const tool = readObject(entry) ?? {}
    const type = readText(tool['type'])
    // Anthropic's own-tool form may carry no type at all.
    return type !== undefined && !ownTools.has(type) && !isClientTool(type, tool)
  })
  return foreign ? 'tools that the service runs' : undefined
}

// Typed by Anthropic, run by the caller (docs: https://docs.claude.com/en/docs/agents-and-tools/tool-use/overview).
function isClientTool(type: string, tool: JsonObject): boolean {
  return /^(?:bash|text_editor|computer|memory)_\d/.test(type) && readText(tool['name']) !== undefined
}
