const UNITS: readonly (readonly [ms: number, name: string])[] = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'm'],
  [1000, 's'],
]

/** A time for people, in at most two units, rounded up: `2h 5m`, `36s`, `450ms`. */
export function durationText(ms: number): string {
  if (ms < 1000) return `${Math.ceil(ms)}ms`
  const first = UNITS.findIndex(([unit]) => ms >= unit)
  const [large, small = large] = UNITS.slice(first, first + 2)
  if (large === undefined || small === undefined) return `${ms}ms`
  const rounded = Math.ceil(ms / small[0]) * small[0]
  // 59.9 s are a minute.
  if (first > 0 && rounded >= (UNITS[first - 1] as [number, string])[0]) return durationText(rounded)
  const whole = Math.floor(rounded / large[0])
  const rest = (rounded - whole * large[0]) / small[0]
  return rest === 0 ? `${whole}${large[1]}` : `${whole}${large[1]} ${rest}${small[1]}`
}
