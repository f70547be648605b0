import assert from 'node:assert/strict'
import { budgetFor, type ContractCase, DAY, decide, remaining, S, START, table, waits } from './case.ts'

const rates = [
  { name: 'second', algorithm: 'token-bucket', limit: '2/s' },
  { name: 'day', algorithm: 'fixed-window', limit: '3/day' },
] as const

export const severalCases: readonly ContractCase[] = [
  table('a rule that denies leaves the other rules of its key unspent', rates, [
    [0, 'consume', 2, 0, 0, S, 0, 1, DAY],
    [S, 'consume', 2, 0, 2, 0, DAY - S, 1, DAY - S],
    [S, 'consume', 1, 0, 1, S / 2, 0, 0, DAY - S],
    [S, 'consume', 1, 0, 1, S / 2, DAY - S, 0, DAY - S],
    [S, 'consume', 2, S / 2, 1, S / 2, DAY - S, 0, DAY - S],
    [S, 'consume', 3, -1, 1, S / 2, DAY - S, 0, DAY - S],
  ]),
  table('rules of every algorithm judge one spend together', everyAlgorithm(), [
    [
      0,
      'consume',
      2,
      ...[0, 3, 2 * S],
      ...[0, 3, 5 * S],
      ...[0, 3, 5 * S],
      ...[0, 3, 5.5 * S],
      ...[0, 3, 5 * S],
    ],
    [S, 'consume', 4, 0, 4, S, S * 4, 3, 4 * S, S * 4, 3, 4 * S, 4_250_000, 3, 4_500_000, 4 * S, 3, 4 * S],
  ]),
  {
    name: 'an ask that denies leaves the other asks of its decision unspent',
    async run(subject) {
      const { store, clock } = subject
      clock.set(START)
      const [wide, narrow] = [budgetFor(subject, '10/min'), budgetFor(subject, '1/min')]
      const asks = [
        { budget: wide, key: 'a', cost: 2 },
        { budget: narrow, key: 'a', cost: 1 },
        { budget: wide, key: 'b', cost: 3 },
      ]
      assert.deepEqual(remaining(await decide(store, 'consume', asks)), [8, 0, 7])
      const denied = await decide(store, 'consume', asks)
      assert.deepEqual(remaining(denied), [8, 0, 7])
      assert.deepEqual(
        waits(denied).map((wait) => wait > 0),
        [false, true, false],
      )
      assert.deepEqual(remaining(await decide(store, 'peek', [{ budget: wide, key: 'a', cost: 0 }])), [8])
      assert.deepEqual(remaining(await decide(store, 'peek', [{ budget: wide, key: 'b', cost: 0 }])), [7])
    },
  },
  {
    name: 'an ask above its capacity leaves the other asks of its decision unspent',
    async run(subject) {
      const { store, clock } = subject
      clock.set(START)
      const budget = budgetFor(subject, '5/min')
      const asks = [
        { budget, key: 'a', cost: 1 },
        { budget, key: 'b', cost: 6 },
      ]
      const { numbers } = await decide(store, 'consume', asks)
      assert.deepEqual(numbers, [0, 5, 0, -1, 5, 0])
    },
  },
  {
    name: 'a charge spends on every ask, whatever is left',
    async run(subject) {
      const { store, clock } = subject
      clock.set(START)
      const [one, other] = [budgetFor(subject, '5/min'), budgetFor(subject, '2/min')]
      const asks = [
        { budget: one, key: 'a', cost: 3 },
        { budget: other, key: 'a', cost: 3 },
      ]
      const verdicts = await decide(store, 'charge', asks)
      assert.deepEqual(
        [waits(verdicts), remaining(verdicts)],
        [
          [0, 0],
          [2, 0],
        ],
      )
      const after = await decide(store, 'consume', [{ budget: other, key: 'a', cost: 0 }])
      assert.ok((after.numbers[0] as number) > 0, 'the budget is in debt')
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
      assert.equal(budget.closed?.name, 'none')
      const { numbers } = await decide(store, 'consume', [{ budget, key: 'key', cost: 1 }])
      assert.deepEqual(numbers.slice(0, 2), [0, 1])
      assert.equal(numbers.length, 3)
    },
  },
]

function everyAlgorithm() {
  return [
    { name: 'bucket', algorithm: 'token-bucket', limit: '5/5s' },
    { name: 'first', algorithm: 'fixed-window', limit: '5/5s' },
    { name: 'epoch', algorithm: 'fixed-window', limit: '5/5s', align: 'epoch' },
    { name: 'sliding', limit: '5/5s' },
    { name: 'log', algorithm: 'sliding-log', limit: '5/5s' },
  ] as const
}
