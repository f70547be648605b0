import { invalid, show } from '../core/errors.ts'
import { isWhole } from '../core/validate.ts'

/** Refuses a length of time shorter than `least` milliseconds. */
export function checkAtLeast(ms: unknown, least: number, path: string): void {
  if (typeof ms === 'number' && ms >= least) return
  throw invalid(path, `${show(ms)} is not a number of milliseconds; use ${least} or more`)
}

/** Refuses what is not a whole number of 1 or more. */
export function checkWhole(value: unknown, path: string): void {
  if (isWhole(value, 1)) return
  throw invalid(path, `${show(value)} is not a number of this kind; use a whole number of 1 or more`)
}
