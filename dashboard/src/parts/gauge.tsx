import type { ComponentChildren } from 'preact'

interface GaugeProps {
  /** Of what, for who cannot see it. */
  readonly label: string
  readonly used: number
  readonly max: number
  /** The figures in words, which are read out too. */
  readonly text: string
  /** What of `used` is only held for calls in flight. */
  readonly held?: number
}

/** How much of something is used. It warns from 80 % on. */
export function Gauge({ label, used, max, text, held = 0 }: GaugeProps) {
  const share = max <= 0 ? 1 : Math.min(1, used / max)
  const heldShare = max <= 0 ? 0 : Math.min(share, held / max)
  const level = share >= 1 ? 'full' : share >= 0.8 ? 'high' : 'ok'
  return (
    <div
      class={`bar gauge-${level}`}
      role="meter"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={max}
      aria-valuenow={Math.min(used, max)}
      aria-valuetext={text}
    >
      <div class="gauge-fill" style={{ width: `${(share - heldShare) * 100}%` }} />
      {heldShare > 0 ? <div class="gauge-held" style={{ width: `${heldShare * 100}%` }} /> : null}
    </div>
  )
}

/** A word with a colour: the colour alone never says it. */
export function Badge({
  tone,
  children,
}: {
  readonly tone: 'good' | 'warn' | 'bad' | 'calm' | 'free' | 'included' | 'paid'
  readonly children: ComponentChildren
}) {
  return <span class={`badge badge-${tone}`}>{children}</span>
}
