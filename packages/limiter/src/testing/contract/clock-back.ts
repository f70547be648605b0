import assert from 'node:assert/strict'
import { budgetFor, type ContractCase, decide, HOUR, S, START } from './case.ts'
import { play, table } from './case-table.ts'
import { forEvery } from './verbs.ts'

export const clockBackCases: readonly ContractCase[] = [
  ...forEvery(
    'a clock that jumps back mints nothing, and adds at most one window of wait',
    async (subject, rule) => {
      const { store, clock } = subject
      const budget = budgetFor(subject, rule)
      await play(subject, budget, [{ at: HOUR, consume: 5, wait: 0 }])
      clock.set(START)
      const request = { budget, key: 'key', cost: 1 }
      const { waits, remaining } = await decide(store, 'consume', [request])
      const [wait = 0] = waits
      assert.ok(wait > 0 && remaining[0] === 0, 'nothing was minted')
      const longest = (budget.rules[0]?.windowMs ?? 0) * 1000
      assert.ok(wait <= longest, `a wait of ${wait} is at most ${longest}`)
      clock.set(START + wait)
      assert.deepEqual((await decide(store, 'consume', [request])).waits, [0], 'the wait was written down')
    },
  ),
  ...forEvery(
    'a clock that jumps back and forth does not lose the spends in between',
    async (subject, rule) => {
      const { store } = subject
      const budget = budgetFor(subject, rule)
      await play(subject, budget, [
        { at: 1000, consume: 2 },
        { at: 0, consume: 3 },
        { at: 1000, peek: 0, remaining: 0 },
      ])
      const { waits } = await decide(store, 'consume', [{ budget, key: 'key', cost: 1 }])
      assert.ok((waits[0] as number) > 0, 'both spends count')
    },
  ),
  table(
    'a bucket found in the future drains from now on',
    { algorithm: 'token-bucket', limit: '10/s', burst: 3 },
    [
      { at: S, consume: 3, wait: 0, remaining: 0, reset: 300_000 },
      { at: 0, consume: 1, wait: 100_000, remaining: 0, reset: 300_000 },
      { at: 50_000, consume: 1, wait: 50_000, remaining: 0, reset: 250_000 },
      { at: 100_000, consume: 1, wait: 0, remaining: 0, reset: 300_000 },
      { at: S, consume: 3, wait: 0, remaining: 0, reset: 300_000 },
    ],
  ),
  table('a first-hit window found in the future begins now', { algorithm: 'fixed-window', limit: '3/10s' }, [
    { at: HOUR, consume: 2, wait: 0, remaining: 1, reset: 10 * S },
    { at: 0, consume: 2, wait: 10 * S, remaining: 1, reset: 10 * S },
    { at: 0, consume: 1, wait: 0, remaining: 0, reset: 10 * S },
    { at: 10 * S, consume: 3, wait: 0, remaining: 0, reset: 10 * S },
  ]),
  table(
    'an aligned window found in the future counts in the present one',
    { algorithm: 'fixed-window', limit: '3/10s', align: 'epoch' },
    [
      { at: HOUR, consume: 2, wait: 0, remaining: 1, reset: 10 * S },
      { at: 5 * S, consume: 2, wait: 5 * S, remaining: 1, reset: 5 * S },
      { at: 10 * S, consume: 3, wait: 0, remaining: 0, reset: 10 * S },
    ],
  ),
  // The clock was six hours ahead and is corrected: the window then ends at the real midnight.
  table(
    'a calendar day found in the future ends with the present one',
    { algorithm: 'fixed-window', limit: '1/day', align: 'calendar' },
    [
      { at: 26 * HOUR, consume: 1, wait: 0, remaining: 0, reset: 22 * HOUR },
      { at: 20 * HOUR, consume: 1, wait: 4 * HOUR, remaining: 0, reset: 4 * HOUR },
      { at: 24 * HOUR - 1, consume: 1, wait: 1 },
      { at: 24 * HOUR, consume: 1, wait: 0, remaining: 0, reset: 24 * HOUR },
    ],
  ),
  table('entries of the future become one, at now', { limit: '20/10s' }, [
    { at: 0, consume: 4, remaining: 16 },
    { at: HOUR, consume: 3, remaining: 17 },
    { at: HOUR + 2 * S, consume: 5, remaining: 12 },
    { at: HOUR + 4 * S, consume: 6, remaining: 6 },
    // The clock goes back to between the second and the third entry: the third and fourth now start now, the second
    // stays.
    { at: HOUR + S, consume: 7, wait: 9 * S, remaining: 6, reset: 10 * S },
    { at: HOUR + 10 * S, consume: 9, wait: 0, remaining: 0, reset: 10 * S },
    { at: HOUR + 11 * S, consume: 11, wait: 0, remaining: 0 },
  ]),
  table(
    'an entry of this instant is joined by those of the future',
    { algorithm: 'sliding-log', limit: '9/10s' },
    [
      { at: 0, consume: 2, remaining: 7 },
      { at: 5 * S, consume: 3, remaining: 4 },
      { at: 6 * S, consume: 4, remaining: 0 },
      { at: 5 * S, consume: 7, wait: 10 * S, remaining: 0, reset: 10 * S },
      { at: 10 * S, consume: 2, wait: 0, remaining: 0, reset: 10 * S },
      { at: 15 * S, consume: 7, wait: 0, remaining: 0 },
    ],
  ),
  table('a denial writes down where state of the future lies now', { limit: '5/10s' }, [
    { at: HOUR, consume: 5, remaining: 0 },
    { at: 0, consume: 1, wait: 10 * S, remaining: 0, reset: 10 * S },
    { at: 4 * S, consume: 1, wait: 6 * S, remaining: 0, reset: 6 * S },
    { at: 10 * S, consume: 5, wait: 0 },
  ]),
  table(
    'a peek at state of the future does not write it down',
    { algorithm: 'token-bucket', limit: '10/s', burst: 3 },
    [
      { at: S, consume: 3, wait: 0, remaining: 0, reset: 300_000 },
      { at: 0, peek: 1, wait: 100_000, remaining: 0, reset: 300_000 },
      // If the peek had moved the state to time 0, it would have drained by now.
      { at: S, peek: 1, wait: 100_000, remaining: 0, reset: 300_000 },
    ],
  ),
]
