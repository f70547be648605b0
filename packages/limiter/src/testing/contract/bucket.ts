import assert from 'node:assert/strict'
import { budgetFor, type ContractCase, decide, HOUR, play, type Row, S, START, table } from './case.ts'

const MAX = Number.MAX_SAFE_INTEGER
const tenPerSecond = { algorithm: 'token-bucket', limit: '10/s', burst: 3 } as const

const burst: readonly Row[] = [
  [0, 'consume', 2, 0, 1, 200_000],
  [0, 'consume', 1, 0, 0, 300_000],
  [0, 'consume', 1, 100_000, 0, 300_000],
  [99_999, 'consume', 1, 1, 0, 200_001],
  [100_000, 'consume', 1, 0, 0, 300_000],
  [250_000, 'consume', 2, 50_000, 1, 150_000],
  [300_000, 'consume', 2, 0, 0, 300_000],
  [HOUR, 'consume', 3, 0, 0, 300_000],
]

export const bucketCases: readonly ContractCase[] = [
  table('a bucket admits its burst at once, then a unit as soon as it has drained', tenPerSecond, burst),
  ...['gcra', 'leaky-bucket'].map((algorithm) =>
    table(`${algorithm} answers exactly as token-bucket does`, { ...tenPerSecond, algorithm }, burst),
  ),
  table('a bucket tells a cost above its burst from a wait, and spends nothing', tenPerSecond, [
    [0, 'consume', 1, 0, 2, 100_000],
    [0, 'consume', 4, -1, 2, 100_000],
    [0, 'consume', MAX, -1, 2, 100_000],
    [0, 'consume', 2, 0, 0, 300_000],
  ]),
  table('a charge takes a bucket into debt, which drains at the rate', tenPerSecond, [
    [0, 'charge', 5, 0, 0, 500_000],
    [0, 'consume', 0, 200_000, 0, 500_000],
    [0, 'consume', 1, 300_000, 0, 500_000],
    [200_000, 'consume', 0, 0, 0, 300_000],
    [299_999, 'consume', 1, 1, 0, 200_001],
    [300_000, 'consume', 1, 0, 0, 300_000],
  ]),
  table('the debt of a bucket saturates', tenPerSecond, [
    [0, 'charge', MAX, 0, 0, 2 ** 52],
    [0, 'charge', MAX, 0, 0, 2 ** 52],
    [0, 'charge', 1, 0, 0, 2 ** 52],
    [0, 'consume', 1, 2 ** 52 - 200_000, 0, 2 ** 52],
    [10, 'consume', 1, 2 ** 52 - 200_010, 0, 2 ** 52 - 10],
  ]),
  // 1,000,000,007 a day fit 2^53 in whole seconds only: 86,400 sub-units a unit, 1,000,000,007 drained a second.
  table(
    'a bucket that drains by the second keeps the phase of its seconds',
    { algorithm: 'token-bucket', limit: '1000000007/day' },
    [
      [S / 2, 'consume', 1_000_000_007, 0, 0, 86_400 * S],
      [1.2 * S, 'consume', 20_000, 1.3 * S, 0, 86_399.3 * S],
      [1.5 * S - 1, 'consume', 1, 1, 0, 86_399 * S + 1],
      [1.5 * S, 'consume', 1, 0, 11_573, 86_400 * S],
    ],
  ),
  // 30 of 100 years: the longest windows.
  table(
    'a bucket of decades waits for decades',
    { algorithm: 'token-bucket', limit: { limit: 1, window: 100 * 365 * 24 * 3_600_000 } },
    [
      [0, 'consume', 1, 0, 0, 3_153_600_000 * S],
      [30 * 365 * 24 * HOUR, 'consume', 1, 70 * 365 * 24 * HOUR, 0, 70 * 365 * 24 * HOUR],
    ],
  ),
  {
    name: 'a bucket loses nothing to polling: whoever offers more than the rate gets exactly the rate',
    async run(subject) {
      const { store, clock } = subject
      const budget = budgetFor(subject, { algorithm: 'token-bucket', limit: '7/s' })
      let admitted = 0
      for (let i = 0; i < 300; i++) {
        clock.set(START + i * 10_000)
        const { numbers } = await decide(store, 'consume', [{ budget, key: 'key', cost: 1 }])
        if (numbers[0] === 0) admitted++
      }
      // The burst of 7, and what had drained at 2.99 s: ⌊2.99 · 7⌋ = 20.
      assert.equal(admitted, 27)
    },
  },
  {
    name: 'a bucket of thousands a millisecond is exact: no rate is rounded to a whole interval',
    async run(subject) {
      // 999,999 a second: an interval of whole microseconds would admit 1,000,000.
      const budget = budgetFor(subject, { algorithm: 'token-bucket', limit: '999999/s' })
      await play(subject, { budget, key: 'key' }, [
        [0, 'consume', 999_999, 0, 0, S],
        [1, 'consume', 1, 1, 0, S - 1],
        [2, 'consume', 1, 0, 0, S],
        [S, 'consume', 999_999, 2, 999_998, 2],
      ])
    },
  },
]
