/** A share, from 0 to 1, in percent, with as many digits as it takes to tell it from none. */
export function percent(share: number): string {
  if (share === 0) return '0 %'
  const value = share * 100
  return value < 0.01 ? '<0.01 %' : `${value.toFixed(value < 1 ? 2 : 1)} %`
}

/** A time in UTC, as `2026-10-10 13:55:36`. */
export function timeOfDay(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19).replace('T', ' ')
}
