/** Families that the service has carried (docs: https://docs.ollama.com/cloud and its model life cycle page). */
const families: readonly string[] = [
  'cogito',
  'deepseek',
  'devstral',
  'gemini-3-flash-preview',
  'gemma',
  'glm',
  'gpt-oss',
  'kimi',
  'minimax',
  'ministral',
  'mistral',
  'nemotron',
  'qwen',
  'rnj',
]

/** What may follow a family's name: a version (`gemma4`, `glm-5.3`), a tag (`gpt-oss:20b`), or nothing. */
const familyEnd = /^(?:$|[\d:.-])/

/**
 * The name as the hosted service has it: without `:cloud` or a tag's `-cloud`, which only mark a hosted model on a local
 * server (github.com/ollama/ollama, internal/modelref).
 */
export function hostedName(model: string): string {
  const name = model.trim()
  const colon = name.lastIndexOf(':')
  if (colon < 0) return name
  const tag = name.slice(colon + 1).toLowerCase()
  if (tag === 'cloud') return name.slice(0, colon)
  return tag.endsWith('-cloud') ? name.slice(0, -'-cloud'.length) : name
}

/** Whether a bare name reads like a model of this service, with or without a tag. */
export function isHostedFamily(model: string): boolean {
  if (model.includes('/')) return false
  const name = hostedName(model).toLowerCase()
  // Whoever writes `:cloud` means this service, whatever the family.
  if (name !== model.trim().toLowerCase()) return true
  return families.some((family) => name.startsWith(family) && familyEnd.test(name.slice(family.length)))
}
