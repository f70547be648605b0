/** Fields that a response has once, and their values from the strictest on. Others mean nothing to browsers. */
const VALUES: Readonly<Record<string, readonly string[]>> = {
  'x-frame-options': ['deny', 'sameorigin'],
  'referrer-policy': [
    ...['no-referrer', 'same-origin', 'strict-origin', 'strict-origin-when-cross-origin', 'origin'],
    ...['origin-when-cross-origin', 'no-referrer-when-downgrade', 'unsafe-url'],
  ],
  'cross-origin-opener-policy': [
    ...['same-origin', 'noopener-allow-popups', 'same-origin-allow-popups', 'unsafe-none'],
  ],
  'cross-origin-resource-policy': ['same-origin', 'same-site', 'cross-origin'],
  'x-permitted-cross-domain-policies': [
    ...['none', 'none-this-response', 'master-only', 'by-content-type', 'by-ftp-filename', 'all'],
  ],
}

/** How strict a value is, 0 the most; -1 where browsers do not know it, and read the field as absent. */
export type RankOf = (value: string) => number

/** The fields that a response has once, by name. */
export const SINGLE_FIELDS: ReadonlyMap<string, RankOf> = new Map([
  ...Object.entries(VALUES).map(([name, values]): [string, RankOf] => [name, rankIn(values)]),
  ['strict-transport-security', isAge],
])

function rankIn(values: readonly string[]): RankOf {
  const ranks = new Map(values.map((value, rank) => [value, rank]))
  // Of a list, the last entry that a browser knows counts: earlier ones are for browsers that know fewer.
  return (value) =>
    ranks.get(value) ??
    value
      .split(',')
      .map((entry) => ranks.get((entry.split(';')[0] as string).trim().toLowerCase()) ?? -1)
      .findLast((rank) => rank >= 0) ??
    -1
}

/** Browsers take the first that they can read (RFC 6797, section 8.1), so that all have one rank. */
function isAge(value: string): number {
  return /(?:^|;)[ \t]*max-age[ \t]*=[ \t]*"?\d+"?[ \t]*(?:;|$)/i.test(value) ? 0 : -1
}
