import assert from 'node:assert/strict'
import { budgetFor, type ContractCase, decide, S, START } from './case.ts'
import { play, table } from './case-table.ts'
import { forEvery } from './verbs.ts'

export const creditCases: readonly ContractCase[] = [
  ...forEvery('a credit gives back at most what the record holds', async (subject, rule) => {
    await play(subject, budgetFor(subject, rule), [
      { at: 0, consume: 3, remaining: 2 },
      { at: 0, credit: 1, gives: 1, remaining: 3 },
      { at: 0, credit: 0, gives: 0, remaining: 3 },
      { at: 0, credit: 9, gives: 2, remaining: 5, reset: 0 },
      { at: 0, credit: 1, gives: 0, remaining: 5, reset: 0 },
    ])
  }),
  ...forEvery('a credit to a key without a record gives nothing', async (subject, rule) => {
    await play(subject, budgetFor(subject, rule), [
      { at: 0, credit: 3, gives: 0, remaining: 5, reset: 0 },
      { at: 0, consume: 5, remaining: 0 },
    ])
  }),
  ...forEvery('a credit pays debt', async (subject, rule) => {
    await play(subject, budgetFor(subject, rule), [
      { at: 0, charge: 12, remaining: 0 },
      { at: 0, credit: 6, gives: 6, remaining: 0 },
      { at: 0, credit: 3, gives: 3, remaining: 2 },
    ])
  }),
  table('a credit takes the newest entries of a sliding window', { limit: '12/10s' }, [
    { at: 0, consume: 4, remaining: 8 },
    { at: 2 * S, consume: 3, remaining: 5 },
    { at: 4 * S, consume: 2, remaining: 3 },
    { at: 5 * S, credit: 3, gives: 3, remaining: 6, reset: 7 * S },
    { at: 5 * S, peek: 7, wait: 5 * S },
    { at: 5 * S, peek: 11, wait: 7 * S },
  ]),
  table(
    'a credit of a bucket counts among what a receipt can no longer give back',
    { algorithm: 'token-bucket', limit: '10/s', burst: 20 },
    [
      { at: 0, consume: 5, as: 'A', remaining: 15 },
      { at: 0, consume: 5, remaining: 10 },
      { at: 0, credit: 2, gives: 2, remaining: 12 },
      { at: 0, refund: 'A', gives: 3 },
      { at: 0, peek: 0, remaining: 15 },
    ],
  ),
  {
    name: 'a credit gives back under every rule and on every key, each by itself',
    async run(subject) {
      const { store, clock } = subject
      clock.set(START)
      const policy = subject.unique()
      const second = { name: 'second', algorithm: 'token-bucket', limit: '2/s' }
      const budget = budgetFor(subject, [second, { name: 'day', limit: '9/day' }], policy)
      const other = budgetFor(subject, '5/min')
      const requests = [
        { budget, key: 'key', cost: 2 },
        { budget: other, key: 'key', cost: 1 },
      ]
      await decide(store, 'consume', requests)
      clock.advanceUs(0.5 * S)
      const { waits, remaining } = await decide(store, 'credit', requests)
      assert.deepEqual({ credited: waits, remaining }, { credited: [1, 2, 1], remaining: [2, 9, 5] })
    },
  },
]
