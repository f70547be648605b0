import { type ContractCase, DAY, MS, S } from './case.ts'
import { table } from './case-table.ts'

const MAX = Number.MAX_SAFE_INTEGER

/** Limits above `segments`, so that an entry covers ⌈W/s⌉, here a second. */
const coarse = { limit: '12/10s', segments: 10 } as const
/** As many segments as units, so that every instant has an entry. */
const fine = { limit: '3/10s', segments: 3 } as const

export const slidingWindowCases: readonly ContractCase[] = [
  table('a sliding window lets an entry go as a whole, a window after it began', coarse, [
    { at: 0, consume: 12, wait: 0, remaining: 0, reset: 10 * S },
    { at: 10 * S - 1, consume: 1, wait: 1, remaining: 0, reset: 1 },
    { at: 10 * S, consume: 12, wait: 0, remaining: 0, reset: 10 * S },
  ]),
  table('a unit joins the newest entry if that began less than a segment ago', coarse, [
    { at: 0, consume: 5, remaining: 7, reset: 10 * S },
    { at: S - 1, consume: 4, remaining: 3, reset: 9 * S + 1 },
    { at: S, consume: 3, remaining: 0, reset: 10 * S },
    { at: 10 * S - 1, consume: 1, wait: 1 },
    // The nine units of the first entry expire together; those of the second, which began a second later, stay.
    { at: 10 * S, consume: 9, wait: 0, remaining: 0, reset: 10 * S },
    { at: 10 * S, consume: 1, wait: S },
    { at: 11 * S, consume: 3, wait: 0, remaining: 0 },
  ]),
  table('a sliding window waits until enough entries have left', coarse, [
    { at: 0, consume: 2, remaining: 10 },
    { at: 2 * S, consume: 3, remaining: 7 },
    { at: 4 * S, consume: 6, remaining: 1, reset: 10 * S },
    { at: 5 * S, consume: 1, wait: 0, remaining: 0, reset: 10 * S },
    { at: 5 * S, consume: 1, wait: 5 * S },
    { at: 5 * S, consume: 2, wait: 5 * S },
    { at: 5 * S, consume: 3, wait: 7 * S },
    { at: 5 * S, consume: 5, wait: 7 * S },
    { at: 5 * S, consume: 6, wait: 9 * S },
    { at: 5 * S, consume: 11, wait: 9 * S },
    { at: 5 * S, consume: 12, wait: 10 * S },
    { at: 5 * S, consume: 13, wait: -1, remaining: 0 },
    { at: 12 * S - 1, consume: 5, wait: 1, remaining: 2 },
    { at: 12 * S, consume: 5, wait: 0, remaining: 0, reset: 10 * S },
  ]),
  table(
    'segments that do not divide the window are rounded up to whole microseconds',
    { limit: '9/s', segments: 7 },
    [
      { at: 0, consume: 1, remaining: 8 },
      { at: 142_857, consume: 1, remaining: 7, reset: S - 142_857 },
      { at: 142_858, consume: 7, remaining: 0, reset: S },
      { at: S, consume: 3, wait: 142_858 },
      { at: S, consume: 2, wait: 0, remaining: 0 },
    ],
  ),
  table('a sliding window with a segment a unit keeps every instant apart, and is a log', fine, logRows()),
  table('a sliding log is exact in any window', { algorithm: 'sliding-log', limit: '3/10s' }, logRows()),
  table('whoever asks at the pace of the rule is never refused', { limit: '1/10s' }, [
    { at: 0, consume: 1, wait: 0 },
    { at: S, consume: 1, wait: 9 * S },
    { at: 10 * S - 1, consume: 1, wait: 1 },
    { at: 10 * S, consume: 1, wait: 0 },
    { at: 20 * S, consume: 1, wait: 0, remaining: 0, reset: 10 * S },
  ]),
  table('whoever spends all at once every window is never refused', { limit: '100/min' }, [
    { at: 0, consume: 100, wait: 0, remaining: 0, reset: 60 * S },
    { at: 60 * S, consume: 100, wait: 0, remaining: 0, reset: 60 * S },
    { at: 120 * S - 1, consume: 1, wait: 1 },
    { at: 120 * S, consume: 100, wait: 0 },
  ]),
  table('a sliding window forgets everything after a long silence', { limit: '60/6s', segments: 60 }, [
    { at: 0, consume: 60, remaining: 0, reset: 6 * S },
    { at: 1000 * S, consume: 60, remaining: 0, reset: 6 * S },
  ]),
  table('a charge beyond a sliding window leaves with its entry', coarse, [
    { at: 0, charge: 20, wait: 0, remaining: 0, reset: 10 * S },
    { at: 5 * S, charge: 1, wait: 0, remaining: 0, reset: 10 * S },
    { at: 6 * S, consume: 0, wait: 4 * S },
    { at: 10 * S, consume: 0, wait: 0, remaining: 11, reset: 5 * S },
    { at: 10 * S, consume: 12, wait: 5 * S },
    { at: 15 * S, consume: 12, wait: 0 },
  ]),
  table('the debt of a sliding window saturates', coarse, [
    { at: 0, charge: MAX, remaining: 0, reset: 10 * S },
    { at: S, charge: MAX, remaining: 0, reset: 9 * S },
    { at: 2 * S, consume: 1, wait: 8 * S },
    { at: 10 * S, consume: 12, wait: 0, remaining: 0, reset: 10 * S },
  ]),
  // In debt each of three instants has an entry; a fourth merges the two oldest into one at the later start.
  table('debt in more instants than segments joins the oldest two at the later of them', fine, [
    { at: 0, consume: 1 },
    { at: S, consume: 1 },
    { at: 2 * S, consume: 1 },
    { at: 3 * S, charge: 1, remaining: 0, reset: 10 * S },
    { at: 10 * S, consume: 0, wait: S, remaining: 0 },
    { at: 11 * S, consume: 2, wait: S, remaining: 1 },
    { at: 11 * S, consume: 1, wait: 0, remaining: 0 },
  ]),
  table('any limit and window fit', { limit: '20000000000/day' }, [
    { at: 0.5 * S, consume: 20_000_000_000, remaining: 0, reset: DAY },
    { at: DAY + 0.5 * S - 1, consume: 1, wait: 1 },
    { at: DAY + 0.5 * S, consume: 20_000_000_000, wait: 0, remaining: 0, reset: DAY },
  ]),
  table(
    'a window of a millisecond in a thousand segments',
    { limit: { limit: 1001, window: 1 }, segments: 1000 },
    [
      { at: 0, consume: 1000, remaining: 1 },
      { at: 1, consume: 1, remaining: 0, reset: MS },
      { at: MS - 1, consume: 1, wait: 1 },
      { at: MS, consume: 1000, wait: 0, remaining: 0, reset: MS },
    ],
  ),
]

function logRows() {
  return [
    { at: 0, consume: 1, wait: 0, remaining: 2, reset: 10 * S },
    { at: 4 * S, consume: 1, wait: 0, remaining: 1, reset: 10 * S },
    { at: 4 * S + 1, consume: 1, wait: 0, remaining: 0, reset: 10 * S },
    { at: 5 * S, consume: 1, wait: 5 * S },
    { at: 5 * S, consume: 2, wait: 9 * S },
    { at: 5 * S, consume: 3, wait: 9 * S + 1 },
    { at: 5 * S, consume: 4, wait: -1, remaining: 0, reset: 9 * S + 1 },
    { at: 10 * S - 1, consume: 1, wait: 1 },
    { at: 10 * S, consume: 1, wait: 0, remaining: 0, reset: 10 * S },
    { at: 14 * S, consume: 1, wait: 0 },
    { at: 14 * S, consume: 1, wait: 1 },
    { at: 14 * S + 1, consume: 1, wait: 0, remaining: 0 },
  ]
}
