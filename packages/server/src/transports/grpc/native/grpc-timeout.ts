const ZERO = 48
const DIGITS_MAX = 8

const UNITS_MS: Readonly<Record<string, number>> = {
  H: 3_600_000,
  M: 60_000,
  S: 1000,
  m: 1,
  u: 1e-3,
  n: 1e-6,
}

/** How many milliseconds a field `grpc-timeout` stands for: one to eight digits, and a unit. Null where it is malformed. */
export function timeoutMsOf(value: string): number | null {
  const digits = value.length - 1
  const unitMs = UNITS_MS[value.charAt(digits)]
  if (unitMs === undefined || digits < 1 || digits > DIGITS_MAX) return null
  let amount = 0
  for (let i = 0; i < digits; i++) {
    const digit = value.charCodeAt(i) - ZERO
    if (digit < 0 || digit > 9) return null
    amount = amount * 10 + digit
  }
  return amount * unitMs
}
