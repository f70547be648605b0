const WIDTH = 120
const HEIGHT = 24

interface SparklineProps {
  /** Oldest first. */
  readonly values: readonly number[]
  /** How many there will be: what is not there yet is room on the left. */
  readonly room: number
  /** What reaches the top. @default the largest value */
  readonly top?: number
  readonly tone?: string
}

/** A course of values, as a picture alone: the figures that matter stand beside it. */
export function Sparkline({ values, room, top, tone = 'plain' }: SparklineProps) {
  const highest = Math.max(top ?? Math.max(...values), 1e-9)
  const step = WIDTH / Math.max(1, room - 1)
  const from = WIDTH - (values.length - 1) * step
  const points = values.map((value, i) => {
    const height = Math.min(1, value / highest) * (HEIGHT - 2)
    return `${(from + i * step).toFixed(1)},${(HEIGHT - 1 - height).toFixed(1)}`
  })
  return (
    <svg
      class={`sparkline ${tone}`}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      <polyline points={points.join(' ')} />
    </svg>
  )
}
