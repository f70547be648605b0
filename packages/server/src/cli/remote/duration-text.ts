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
  const [large, small] = UNITS.slice(first, first + 2)
  if (large === undefined) return `${ms}ms`
  if (small === undefined) return `${Math.ceil(ms / large[0])}${large[1]}`
  const smalls = Math.ceil(ms / small[0])
  const perLarge = large[0] / small[0]
  const [whole, rest] = [Math.floor(smalls / perLarge), smalls % perLarge]
  return rest === 0 ? `${whole}${large[1]}` : `${whole}${large[1]} ${rest}${small[1]}`
}
