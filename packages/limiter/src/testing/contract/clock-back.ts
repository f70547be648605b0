import assert from 'node:assert/strict'
import { budgetFor, type ContractCase, decide, HOUR, MS, play, S, START, table } from './case.ts'
import { forEvery } from './verbs.ts'

export const clockBackCases: readonly ContractCase[] = [
  ...forEvery(
    'a clock that jumps back mints nothing, and adds at most one window of wait',
    async (subject, rule) => {
      const { store, clock } = subject
      clock.set(START + HOUR)
      const ask = { budget: budgetFor(subject, rule), key: 'key' }
      await decide(store, 'consume', [{ ...ask, cost: 5 }])
      clock.set(START)
      const { numbers } = await decide(store, 'consume', [{ ...ask, cost: 1 }])
      const [wait = 0, left = 0] = numbers
      assert.ok(wait > 0 && left === 0, 'nothing was minted')
      const longest = Math.max(ask.budget.rules[0]?.windowMs ?? 0, 11_000) * MS
      assert.ok(wait <= longest, `a wait of ${wait} is at most ${longest}`)
      clock.set(START + wait)
      assert.equal(
        (await decide(store, 'consume', [{ ...ask, cost: 1 }])).numbers[0],
        0,
        'the wait was written down',
      )
    },
  ),
  ...forEvery(
    'a clock that jumps back and forth does not lose the spends in between',
    async (subject, rule) => {
      const { store, clock } = subject
      const ask = { budget: budgetFor(subject, rule), key: 'key' }
      clock.set(START + 1000)
      await decide(store, 'consume', [{ ...ask, cost: 2 }])
      clock.set(START)
      await decide(store, 'consume', [{ ...ask, cost: 3 }])
      clock.set(START + 1000)
      const { numbers } = await decide(store, 'consume', [{ ...ask, cost: 1 }])
      assert.ok((numbers[0] as number) > 0, 'both spends count')
    },
  ),
  table(
    'a bucket found in the future drains from now on',
    { algorithm: 'token-bucket', limit: '10/s', burst: 3 },
    [
      [S, 'consume', 3, 0, 0, 300_000],
      [0, 'consume', 1, 100_000, 0, 300_000],
      [50_000, 'consume', 1, 50_000, 0, 250_000],
      [100_000, 'consume', 1, 0, 0, 300_000],
      [S, 'consume', 3, 0, 0, 300_000],
    ],
  ),
  table('a first-hit window found in the future begins now', { algorithm: 'fixed-window', limit: '3/10s' }, [
    [HOUR, 'consume', 2, 0, 1, 10 * S],
    [0, 'consume', 2, 10 * S, 1, 10 * S],
    [0, 'consume', 1, 0, 0, 10 * S],
    [10 * S, 'consume', 3, 0, 0, 10 * S],
  ]),
  table(
    'an aligned window found in the future counts in the present one',
    { algorithm: 'fixed-window', limit: '3/10s', align: 'epoch' },
    [
      [HOUR, 'consume', 2, 0, 1, 10 * S],
      [5 * S, 'consume', 2, 5 * S, 1, 5 * S],
      [10 * S, 'consume', 3, 0, 0, 10 * S],
    ],
  ),
  table('a sliding window found in the future ages from now on', { limit: '10/10s' }, [
    [HOUR, 'consume', 10, 0, 0, 11 * S],
    [0, 'consume', 1, 10.1 * S, 0, 11 * S],
    [10.1 * S, 'consume', 1, 0, 0, 10.9 * S],
  ]),
  table(
    'spends of a log found in the future count as made now',
    { algorithm: 'sliding-log', limit: '3/10s' },
    [
      [0, 'consume', 1, 0, 2, 10 * S],
      [HOUR, 'consume', 2, 0, 1, 10 * S],
      [S, 'consume', 2, 10 * S, 1, 10 * S],
      [11 * S, 'consume', 3, 0, 0, 10 * S],
    ],
  ),
  // Written at 10 s, when the first segment began to count by its share: at 9.999999 s it counts in full again.
  table('a sliding window found just ahead gives nothing back', { limit: '10/10s' }, [
    [0, 'consume', 9, 0, 1, 11 * S],
    [10 * S, 'consume', 1, 0, 0, 11 * S],
    [10 * S - 1, 'consume', 1, 111_113, 0, 10 * S + 1],
    [10 * S, 'consume', 1, 111_112, 0, 10 * S],
    [10 * S + 111_112, 'consume', 1, 0, 0, 10_888_888],
  ]),
  {
    name: 'a peek at state of the future does not write it down',
    async run(subject) {
      const ask = {
        budget: budgetFor(subject, { algorithm: 'token-bucket', limit: '10/s', burst: 3 }),
        key: 'key',
      }
      await play(subject, ask, [
        [S, 'consume', 3, 0, 0, 300_000],
        [0, 'peek', 1, 100_000, 0, 300_000],
        // Had the peek moved the state to 0, it would have drained by now.
        [S, 'peek', 1, 100_000, 0, 300_000],
      ])
    },
  },
]
