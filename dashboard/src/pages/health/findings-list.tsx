import { Badge } from '../../parts/gauge.tsx'
import { Command, Notice } from '../../parts/notice.tsx'
import { Section } from '../../parts/page.tsx'
import type { Finding } from './findings.ts'

const mostFindings = 100

/** What is not as it should be, and what to do about it. */
export function FindingsList({ findings }: { readonly findings: readonly Finding[] }) {
  const shown = findings.slice(0, mostFindings)
  return (
    <Section
      title="What to look at"
      aside={
        <>
          <Command>switchyard doctor</Command> also looks at files, clock and every key
        </>
      }
    >
      {findings.length === 0 ? (
        <Notice kind="good" title="Everything is well." />
      ) : (
        <ul class="findings">
          {shown.map(({ check, level, what, fix }) => (
            <li key={`${check} ${what}`}>
              <Badge tone={level === 'error' ? 'bad' : 'warn'}>{level}</Badge>
              <div>
                <strong>{check}</strong>: {what}
                <div class="soft">→ {fix}</div>
              </div>
            </li>
          ))}
        </ul>
      )}
      {findings.length > shown.length ? <p class="soft">and {findings.length - shown.length} more</p> : null}
    </Section>
  )
}
