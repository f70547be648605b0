/** Numbers as people read them at a glance. */

const WHOLE = new Intl.NumberFormat('en', { maximumFractionDigits: 0 })
const ONE_DIGIT = new Intl.NumberFormat('en', { maximumFractionDigits: 1 })

/** A count: `1,234`, and from a million on `1.2 M`. */
export function countText(count: number): string {
  if (count >= 1e9) return `${ONE_DIGIT.format(count / 1e9)} G`
  if (count >= 1e6) return `${ONE_DIGIT.format(count / 1e6)} M`
  return WHOLE.format(count)
}

/** So many a second: `0.4`, `12`, `1,234`. */
export function rateText(perSecond: number): string {
  return perSecond < 10 ? ONE_DIGIT.format(perSecond) : countText(perSecond)
}

/** A share of a whole, from 0 to 1: `5.2 %`; what is not nothing is never shown as 0. */
export function shareText(share: number): string {
  if (share > 0 && share < 0.001) return '< 0.1 %'
  if (share < 1 && share > 0.999) return '> 99.9 %'
  return `${ONE_DIGIT.format(share * 100)} %`
}

/** A part of a whole, from 0 to 1; 0 of nothing. */
export function shareOf(part: number, whole: number): number {
  return whole <= 0 ? 0 : Math.min(1, Math.max(0, part / whole))
}

/** Bytes: `164 MB`. */
export function bytesText(bytes: number): string {
  return `${WHOLE.format(bytes / 1e6)} MB`
}

/** One thing or several: `1 unit`, `3 units`. */
export function plural(count: number, one: string, several = `${one}s`): string {
  return `${countText(count)} ${count === 1 ? one : several}`
}
