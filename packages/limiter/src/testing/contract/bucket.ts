import assert from 'node:assert/strict'
import { budgetFor, type ContractCase, decide, HOUR, S, START } from './case.ts'
import { type Row, table } from './case-table.ts'

const MAX = Number.MAX_SAFE_INTEGER
const tenPerSecond = { algorithm: 'token-bucket', limit: '10/s', burst: 3 } as const

const burst: readonly Row[] = [
  { at: 0, consume: 2, wait: 0, remaining: 1, reset: 200_000 },
  { at: 0, consume: 1, wait: 0, remaining: 0, reset: 300_000 },
  { at: 0, consume: 1, wait: 100_000, remaining: 0, reset: 300_000 },
  { at: 99_999, consume: 1, wait: 1, remaining: 0, reset: 200_001 },
  { at: 100_000, consume: 1, wait: 0, remaining: 0, reset: 300_000 },
  { at: 250_000, consume: 2, wait: 50_000, remaining: 1, reset: 150_000 },
  { at: 300_000, consume: 2, wait: 0, remaining: 0, reset: 300_000 },
  { at: HOUR, consume: 3, wait: 0, remaining: 0, reset: 300_000 },
]

export const bucketCases: readonly ContractCase[] = [
  table('a bucket admits its burst at once, then a unit as soon as it has drained', tenPerSecond, burst),
  ...['gcra', 'leaky-bucket'].map((algorithm) =>
    table(`${algorithm} answers exactly as token-bucket does`, { ...tenPerSecond, algorithm }, burst),
  ),
  table('a bucket tells a cost above its burst from a wait, and spends nothing', tenPerSecond, [
    { at: 0, consume: 1, wait: 0, remaining: 2, reset: 100_000 },
    { at: 0, consume: 4, wait: -1, remaining: 2, reset: 100_000 },
    { at: 0, consume: MAX, wait: -1, remaining: 2, reset: 100_000 },
    { at: 0, consume: 2, wait: 0, remaining: 0, reset: 300_000 },
  ]),
  table('a charge takes a bucket into debt, which drains at the rate', tenPerSecond, [
    { at: 0, charge: 5, wait: 0, remaining: 0, reset: 500_000 },
    { at: 0, consume: 0, wait: 200_000, remaining: 0, reset: 500_000 },
    { at: 0, consume: 1, wait: 300_000, remaining: 0, reset: 500_000 },
    { at: 200_000, consume: 0, wait: 0, remaining: 0, reset: 300_000 },
    { at: 299_999, consume: 1, wait: 1, remaining: 0, reset: 200_001 },
    { at: 300_000, consume: 1, wait: 0, remaining: 0, reset: 300_000 },
  ]),
  table('the debt of a bucket saturates', tenPerSecond, [
    { at: 0, charge: MAX, wait: 0, remaining: 0, reset: 2 ** 52 },
    { at: 0, charge: MAX, wait: 0, remaining: 0, reset: 2 ** 52 },
    { at: 0, charge: 1, wait: 0, remaining: 0, reset: 2 ** 52 },
    { at: 0, consume: 1, wait: 2 ** 52 - 200_000, remaining: 0, reset: 2 ** 52 },
    { at: 10, consume: 1, wait: 2 ** 52 - 200_010, remaining: 0, reset: 2 ** 52 - 10 },
  ]),
  // 1,000,000,007/day fits 2^53 only with quanta of 1 s: a unit is 86,400 sub-units, and 1,000,000,007 drain per
  // second.
  table(
    'a bucket that drains by the second keeps the phase of its seconds',
    { algorithm: 'token-bucket', limit: '1000000007/day' },
    [
      { at: S / 2, consume: 1_000_000_007, wait: 0, remaining: 0, reset: 86_400 * S },
      { at: 1.2 * S, consume: 20_000, wait: 1.3 * S, remaining: 0, reset: 86_399.3 * S },
      { at: 1.5 * S - 1, consume: 1, wait: 1, remaining: 0, reset: 86_399 * S + 1 },
      { at: 1.5 * S, consume: 1, wait: 0, remaining: 11_573, reset: 86_400 * S },
    ],
  ),
  // The longest window, 100 years, of which 30 pass.
  table(
    'a bucket of decades waits for decades',
    { algorithm: 'token-bucket', limit: { limit: 1, window: 100 * 365 * 24 * 3_600_000 } },
    [
      { at: 0, consume: 1, wait: 0, remaining: 0, reset: 3_153_600_000 * S },
      {
        at: 30 * 365 * 24 * HOUR,
        consume: 1,
        wait: 70 * 365 * 24 * HOUR,
        remaining: 0,
        reset: 70 * 365 * 24 * HOUR,
      },
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
        const { waits } = await decide(store, 'consume', [{ budget, key: 'key', cost: 1 }])
        if (waits[0] === 0) admitted++
      }
      // The burst of 7, and the units drained by 2.99 s: ⌊2.99 · 7⌋ = 20.
      assert.equal(admitted, 27)
    },
  },
  // 999,999/s: one unit per whole microsecond would be 1,000,000.
  table(
    'a bucket of thousands a millisecond is exact: no rate is rounded to a whole interval',
    { algorithm: 'token-bucket', limit: '999999/s' },
    [
      { at: 0, consume: 999_999, wait: 0, remaining: 0, reset: S },
      { at: 1, consume: 1, wait: 1, remaining: 0, reset: S - 1 },
      { at: 2, consume: 1, wait: 0, remaining: 0, reset: S },
      { at: S, consume: 999_999, wait: 2, remaining: 999_998, reset: 2 },
    ],
  ),
]
