import { wrong } from '../core/errors.ts'
import { isWhole } from '../core/validate.ts'

/** Throws unless `ms` is a duration of at least `min` milliseconds. */
export function checkAtLeast(ms: unknown, min: number, path: string): void {
  if (typeof ms === 'number' && ms >= min) return
  throw wrong(ms, `is not a number of milliseconds; use ${min} or more`, path)
}

/** Throws unless `value` is a whole number of 1 or more. */
export function checkWhole(value: unknown, path: string): void {
  if (isWhole(value, 1)) return
  throw wrong(value, 'is not valid; use a whole number of 1 or more', path)
}
