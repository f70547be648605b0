import { after, type ContractCase, DAY, HOUR, MINUTE, S, table } from './case.ts'

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
    [7 * S, 'consume', 2, 0, 1, 10 * S],
    [9 * S, 'consume', 2, 8 * S, 1, 8 * S],
    [9 * S, 'consume', 4, -1, 1, 8 * S],
    [17 * S - 1, 'consume', 1, 0, 0, 1],
    [17 * S - 1, 'consume', 1, 1, 0, 1],
    [17 * S, 'consume', 3, 0, 0, 10 * S],
  ]),
  table(
    'a window of milliseconds ends, and one of a month does not end early',
    [
      { name: 'short', algorithm: 'fixed-window', limit: { limit: 1, window: 3 } },
      { name: 'long', algorithm: 'fixed-window', limit: '3/month' },
    ],
    [
      [0, 'consume', 1, 0, 0, 3000, 0, 2, 30 * DAY],
      [2999, 'consume', 1, 1, 0, 1, 0, 2, 30 * DAY - 2999],
      [3000, 'consume', 1, 0, 0, 3000, 0, 1, 30 * DAY - 3000],
      [29 * DAY, 'consume', 1, 0, 0, 3000, 0, 0, DAY],
      [30 * DAY - 1, 'consume', 1, 0, 1, 0, 1, 0, 1],
    ],
  ),
  table(
    'an aligned window ends at multiples of its length since 1970',
    { algorithm: 'fixed-window', limit: '3/10s', align: 'epoch' },
    [
      [7 * S, 'consume', 3, 0, 0, 3 * S],
      [9 * S, 'consume', 1, S, 0, S],
      [10 * S, 'consume', 1, 0, 2, 10 * S],
      [39 * S, 'consume', 3, 0, 0, S],
    ],
  ),
  table(
    'a charge beyond a window ends with the window',
    { algorithm: 'fixed-window', limit: '3/10s', align: 'epoch' },
    [
      [0, 'charge', 5, 0, 0, 10 * S],
      [5 * S, 'consume', 0, 5 * S, 0, 5 * S],
      [5 * S, 'charge', MAX, 0, 0, 5 * S],
      [5 * S, 'charge', MAX, 0, 0, 5 * S],
      [10 * S, 'consume', 3, 0, 0, 10 * S],
    ],
  ),
  // Egypt's clocks go forward at the midnight that begins 24 April and back at the one that ends 29 October.
  table('a calendar day has 23 hours when the clocks go forward', cairo(2), [
    [after('2026-04-23T21:59:59Z'), 'consume', 2, 0, 0, S],
    [after('2026-04-23T22:00Z'), 'consume', 2, 0, 0, 23 * HOUR],
    [after('2026-04-24T20:59Z'), 'consume', 1, MINUTE, 0, MINUTE],
    [after('2026-04-24T21:00Z'), 'consume', 1, 0, 1, DAY],
  ]),
  table('a calendar day has 25 hours when the clocks go back', cairo(2), [
    [after('2026-10-28T21:00Z'), 'consume', 2, 0, 0, 25 * HOUR],
    [after('2026-10-29T21:00Z'), 'consume', 1, HOUR, 0, HOUR],
    [after('2026-10-29T22:00Z'), 'consume', 1, 0, 1, DAY],
  ]),
  table(
    'a calendar month is as long as the month',
    { algorithm: 'fixed-window', align: 'calendar', limit: '2/month' },
    [
      [after('2026-02-01T00:00Z'), 'consume', 1, 0, 1, 28 * DAY],
      [after('2026-02-28T23:00Z'), 'consume', 2, HOUR, 1, HOUR],
      [after('2026-03-01T00:00Z'), 'consume', 2, 0, 0, 31 * DAY],
    ],
  ),
]
