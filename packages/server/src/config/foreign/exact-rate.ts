/** A rate in whole numbers. */
export interface ExactRate {
  readonly limit: number
  readonly windowSeconds: number
}

/** Longest fraction that is read: digits behind the point, less the exponent. */
const DIGITS_MAX = 9

/**
 * A decimal number of units per second, exactly: of `1.667` 1667 per 1000 s, of `0.5` 1 per 2 s. Null for what is no number
 * above 0, or has more than nine digits behind the point.
 */
export function exactRate(text: string): ExactRate | null {
  const [, whole = '', fraction = '', exponent = '0'] =
    /^(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d{1,3}))?$/.exec(text) ?? []
  if (whole === '') return null
  const digits = (whole + fraction).replace(/^0+/, '')
  const shift = fraction.length - Number(exponent)
  if (digits === '' || digits.length > 40 || shift < -40) return null
  const zeros = /0*$/.exec(digits)?.[0].length ?? 0
  const behind = shift - Math.min(zeros, Math.max(0, shift))
  if (behind > DIGITS_MAX) return null
  const units = BigInt(digits) * 10n ** BigInt(Math.max(0, -shift))
  const seconds = 10n ** BigInt(Math.max(0, shift))
  const divisor = gcd(units, seconds)
  const limit = Number(units / divisor)
  return Number.isSafeInteger(limit) ? { limit, windowSeconds: Number(seconds / divisor) } : null
}

function gcd(a: bigint, b: bigint): bigint {
  return b === 0n ? a : gcd(b, a % b)
}
