/** Units of Envoy's limits, with their lengths: a month has 30 days there and a year 365, counted from 1970. */
const UNITS = {
  SECOND: 1000,
  MINUTE: 60_000,
  HOUR: 3_600_000,
  DAY: 86_400_000,
  WEEK: 604_800_000,
  MONTH: 2_592_000_000,
  YEAR: 31_536_000_000,
} as const

/** The unit of a limit. */
export type LimitUnit = keyof typeof UNITS

/** All units, from the shortest to the longest. */
export const LIMIT_UNITS = Object.keys(UNITS) as readonly LimitUnit[]

/** A window in units. */
export interface UnitWindow {
  readonly unit: LimitUnit
  readonly unitMultiplier?: number
}

/** The length of a window in milliseconds. */
export function windowMsOf({ unit, unitMultiplier = 1 }: UnitWindow): number {
  return UNITS[unit] * unitMultiplier
}

/** A window in the longest unit that divides it; one of a part of a second as one second. */
export function unitWindowOf(windowMs: number): UnitWindow {
  const alone = WHOLE_UNITS.get(windowMs)
  if (alone !== undefined) return alone
  const unit = LIMIT_UNITS.findLast((one) => windowMs % UNITS[one] === 0)
  if (unit === undefined) return { unit: 'SECOND', unitMultiplier: Math.max(1, Math.ceil(windowMs / 1000)) }
  const unitMultiplier = windowMs / UNITS[unit]
  return unitMultiplier === 1 ? { unit } : { unit, unitMultiplier }
}

/** Nearly all windows are one unit. */
const WHOLE_UNITS: ReadonlyMap<number, UnitWindow> = new Map(
  LIMIT_UNITS.map((unit) => [UNITS[unit], { unit }]),
)
