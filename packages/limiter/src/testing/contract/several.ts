import assert from 'node:assert/strict'
import { budgetFor, type ContractCase, DAY, decide, S, START } from './case.ts'
import { table } from './case-table.ts'

const rates = [
  { name: 'second', algorithm: 'token-bucket', limit: '2/s' },
  { name: 'day', algorithm: 'fixed-window', limit: '3/day' },
] as const

export const severalCases: readonly ContractCase[] = [
  table('a rule that denies leaves the other rules of its key unspent', rates, [
    { at: 0, consume: 2, wait: [0, 0], remaining: [0, 1], reset: [S, DAY] },
    { at: S, consume: 2, wait: [0, DAY - S], remaining: [2, 1], reset: [0, DAY - S] },
    { at: S, consume: 1, wait: [0, 0], remaining: [1, 0], reset: [S / 2, DAY - S] },
    { at: S, consume: 1, wait: [0, DAY - S], remaining: [1, 0], reset: [S / 2, DAY - S] },
    { at: S, consume: 2, wait: [S / 2, DAY - S], remaining: [1, 0], reset: [S / 2, DAY - S] },
    { at: S, consume: 3, wait: [-1, DAY - S], remaining: [1, 0], reset: [S / 2, DAY - S] },
  ]),
  table('rules of every algorithm judge one spend together', everyAlgorithm(), [
    { at: 0, consume: 2, wait: [0, 0, 0, 0, 0], remaining: [3, 3, 3, 3, 3], reset: [2 * S, ...every(5 * S)] },
    {
      at: S,
      consume: 4,
      wait: [0, ...every(4 * S)],
      remaining: [4, 3, 3, 3, 3],
      reset: [S, ...every(4 * S)],
    },
  ]),
  {
    name: 'a request that denies leaves the other requests of its decision unspent',
    async run(subject) {
      const { store, clock } = subject
      clock.set(START)
      const [wide, narrow] = [budgetFor(subject, '10/min'), budgetFor(subject, '1/min')]
      const requests = [
        { budget: wide, key: 'a', cost: 2 },
        { budget: narrow, key: 'a', cost: 1 },
        { budget: wide, key: 'b', cost: 3 },
      ]
      assert.deepEqual((await decide(store, 'consume', requests)).remaining, [8, 0, 7])
      const denied = await decide(store, 'consume', requests)
      assert.deepEqual(denied.remaining, [8, 0, 7])
      assert.deepEqual(
        denied.waits.map((wait) => wait > 0),
        [false, true, false],
      )
      assert.deepEqual((await decide(store, 'peek', [{ budget: wide, key: 'a', cost: 0 }])).remaining, [8])
      assert.deepEqual((await decide(store, 'peek', [{ budget: wide, key: 'b', cost: 0 }])).remaining, [7])
    },
  },
  {
    name: 'a request above its capacity leaves the other requests of its decision unspent',
    async run(subject) {
      const { store, clock } = subject
      clock.set(START)
      const budget = budgetFor(subject, '5/min')
      const requests = [
        { budget, key: 'a', cost: 1 },
        { budget, key: 'b', cost: 6 },
      ]
      const { waits, remaining } = await decide(store, 'consume', requests)
      assert.deepEqual(
        [waits, remaining],
        [
          [0, -1],
          [5, 5],
        ],
      )
    },
  },
  {
    name: 'a charge spends on every request, whatever is left',
    async run(subject) {
      const { store, clock } = subject
      clock.set(START)
      const [one, other] = [budgetFor(subject, '5/min'), budgetFor(subject, '2/min')]
      const requests = [
        { budget: one, key: 'a', cost: 3 },
        { budget: other, key: 'a', cost: 3 },
      ]
      const verdicts = await decide(store, 'charge', requests)
      assert.deepEqual(
        [verdicts.waits, verdicts.remaining],
        [
          [0, 0],
          [2, 0],
        ],
      )
      const after = await decide(store, 'consume', [{ budget: other, key: 'a', cost: 0 }])
      assert.ok((after.waits[0] as number) > 0, 'the budget is in debt')
    },
  },
  {
    name: 'a rule with a limit of 0 is not asked of the store, and leaves the rest of its budget alone',
    async run(subject) {
      const { store, clock } = subject
      clock.set(START)
      const budget = budgetFor(subject, [
        { name: 'none', limit: '0/min' },
        { name: 'some', limit: '2/min' },
      ])
      assert.equal(budget.denyingRule?.name, 'none')
      const { waits, remaining } = await decide(store, 'consume', [{ budget, key: 'key', cost: 1 }])
      assert.deepEqual([waits, remaining], [[0], [1]])
    },
  },
]

function every(us: number): number[] {
  return [us, us, us, us]
}

function everyAlgorithm() {
  return [
    { name: 'bucket', algorithm: 'token-bucket', limit: '5/5s' },
    { name: 'first', algorithm: 'fixed-window', limit: '5/5s' },
    { name: 'epoch', algorithm: 'fixed-window', limit: '5/5s', align: 'epoch' },
    { name: 'sliding', limit: '5/5s' },
    { name: 'log', algorithm: 'sliding-log', limit: '5/5s' },
  ] as const
}
