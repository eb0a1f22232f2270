import type { Capability } from '../chat/types.ts'
import { WrongUsage } from './wrong-usage.ts'

/** Words for capabilities, short enough for a table; the long ones are understood too. */
export const shortNames: Readonly<Record<Capability, string>> = {
  tools: 'tools',
  images: 'images',
  'structured-output': 'json',
  reasoning: 'think',
}

/** The value of `--needs`. Throws WrongUsage. */
export function readNeeds(text: string | undefined): readonly Capability[] {
  const known = Object.entries(shortNames) as [Capability, string][]
  return (text ?? '')
    .split(',')
    .filter((word) => word.trim() !== '')
    .map((word) => {
      const wanted = word.trim().toLowerCase()
      const found = known.find(([name, short]) => name === wanted || short === wanted)
      if (found !== undefined) return found[0]
      throw new WrongUsage(
        `--needs takes ${Object.values(shortNames).join(', ')}, separated by commas; got "${wanted.slice(0, 20)}"`,
      )
    })
}
