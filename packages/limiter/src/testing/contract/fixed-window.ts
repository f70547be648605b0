import { after, type ContractCase, DAY, HOUR, MINUTE, S } from './case.ts'
import { table } from './case-table.ts'

const MAX = Number.MAX_SAFE_INTEGER

const cairo = (limit: number) =>
  ({
    algorithm: 'fixed-window',
    align: 'calendar',
    timezone: 'Africa/Cairo',
    limit: `${limit}/day`,
  }) as const

export const fixedWindowCases: readonly ContractCase[] = [
  table('a fixed window begins with the first spend', { algorithm: 'fixed-window', limit: '3/10s' }, [
    { at: 7 * S, consume: 2, wait: 0, remaining: 1, reset: 10 * S },
    { at: 9 * S, consume: 2, wait: 8 * S, remaining: 1, reset: 8 * S },
    { at: 9 * S, consume: 4, wait: -1, remaining: 1, reset: 8 * S },
    { at: 17 * S - 1, consume: 1, wait: 0, remaining: 0, reset: 1 },
    { at: 17 * S - 1, consume: 1, wait: 1, remaining: 0, reset: 1 },
    { at: 17 * S, consume: 3, wait: 0, remaining: 0, reset: 10 * S },
  ]),
  table(
    'a window of milliseconds ends, and one of a month does not end early',
    [
      { name: 'short', algorithm: 'fixed-window', limit: { limit: 1, window: 3 } },
      { name: 'long', algorithm: 'fixed-window', limit: '3/month' },
    ],
    [
      { at: 0, consume: 1, wait: [0, 0], remaining: [0, 2], reset: [3000, 30 * DAY] },
      { at: 2999, consume: 1, wait: [1, 0], remaining: [0, 2], reset: [1, 30 * DAY - 2999] },
      { at: 3000, consume: 1, wait: [0, 0], remaining: [0, 1], reset: [3000, 30 * DAY - 3000] },
      { at: 29 * DAY, consume: 1, wait: [0, 0], remaining: [0, 0], reset: [3000, DAY] },
      { at: 30 * DAY - 1, consume: 1, wait: [0, 1], remaining: [1, 0], reset: [0, 1] },
    ],
  ),
  table(
    'an aligned window ends at multiples of its length since 1970',
    { algorithm: 'fixed-window', limit: '3/10s', align: 'epoch' },
    [
      { at: 7 * S, consume: 3, wait: 0, remaining: 0, reset: 3 * S },
      { at: 9 * S, consume: 1, wait: S, remaining: 0, reset: S },
      { at: 10 * S, consume: 1, wait: 0, remaining: 2, reset: 10 * S },
      { at: 39 * S, consume: 3, wait: 0, remaining: 0, reset: S },
    ],
  ),
  table(
    'a charge beyond a window ends with the window',
    { algorithm: 'fixed-window', limit: '3/10s', align: 'epoch' },
    [
      { at: 0, charge: 5, wait: 0, remaining: 0, reset: 10 * S },
      { at: 5 * S, consume: 0, wait: 5 * S, remaining: 0, reset: 5 * S },
      { at: 5 * S, charge: MAX, wait: 0, remaining: 0, reset: 5 * S },
      { at: 5 * S, charge: MAX, wait: 0, remaining: 0, reset: 5 * S },
      { at: 10 * S, consume: 3, wait: 0, remaining: 0, reset: 10 * S },
    ],
  ),
  // Egypt's clocks go forward at the midnight that begins 24 April and back at the one that ends 29 October.
  table('a calendar day has 23 hours when the clocks go forward', cairo(2), [
    { at: after('2026-04-23T21:59:59Z'), consume: 2, wait: 0, remaining: 0, reset: S },
    { at: after('2026-04-23T22:00Z'), consume: 2, wait: 0, remaining: 0, reset: 23 * HOUR },
    { at: after('2026-04-24T20:59Z'), consume: 1, wait: MINUTE, remaining: 0, reset: MINUTE },
    { at: after('2026-04-24T21:00Z'), consume: 1, wait: 0, remaining: 1, reset: DAY },
  ]),
  table('a calendar day has 25 hours when the clocks go back', cairo(2), [
    { at: after('2026-10-28T21:00Z'), consume: 2, wait: 0, remaining: 0, reset: 25 * HOUR },
    { at: after('2026-10-29T21:00Z'), consume: 1, wait: HOUR, remaining: 0, reset: HOUR },
    { at: after('2026-10-29T22:00Z'), consume: 1, wait: 0, remaining: 1, reset: DAY },
  ]),
  table(
    'a calendar month is as long as the month',
    { algorithm: 'fixed-window', align: 'calendar', limit: '2/month' },
    [
      { at: after('2026-02-01T00:00Z'), consume: 1, wait: 0, remaining: 1, reset: 28 * DAY },
      { at: after('2026-02-28T23:00Z'), consume: 2, wait: HOUR, remaining: 1, reset: HOUR },
      { at: after('2026-03-01T00:00Z'), consume: 2, wait: 0, remaining: 0, reset: 31 * DAY },
    ],
  ),
]
