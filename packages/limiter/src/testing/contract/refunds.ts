import assert from 'node:assert/strict'
import { budgetFor, type ContractCase, decide, play, refundOf, remaining, S, START, spend } from './case.ts'
import { forEvery } from './verbs.ts'

const bucket = { algorithm: 'token-bucket', limit: '10/s', burst: 3 } as const

export const refundCases: readonly ContractCase[] = [
  ...forEvery('a refund at once gives back what was spent, once', async (subject, rule) => {
    const { store, clock } = subject
    clock.set(START)
    const ask = { budget: budgetFor(subject, rule), key: 'key' }
    const id = subject.unique()
    await spend(subject, { ...ask, cost: 2 }, `${id}-other`)
    const refund = await spend(subject, { ...ask, cost: 3 }, id)
    await store.refund([refund])
    const left = async (): Promise<unknown> => (await decide(store, 'peek', [{ ...ask, cost: 0 }])).numbers[1]
    assert.equal(await left(), 3)
    await store.refund([refund])
    await store.refund([refund, refund])
    assert.equal(await left(), 3, 'the same id gives nothing more')
  }),
  ...forEvery('a refund never gives more than the whole budget', async (subject, rule) => {
    const { store, clock } = subject
    clock.set(START)
    const ask = { budget: budgetFor(subject, rule), key: 'key' }
    const refund = await spend(subject, { ...ask, cost: 3 }, subject.unique())
    await store.reset([ask])
    await spend(subject, { ...ask, cost: 1 }, subject.unique())
    await store.refund([refund])
    await play(subject, ask, [[0, 'peek', 0, 0, 5, 0]])
  }),
  ...forEvery(
    'a refund never creates a key, and is used up where the state is gone',
    async (subject, rule) => {
      const { store, clock } = subject
      clock.set(START)
      const ask = { budget: budgetFor(subject, rule), key: 'key' }
      const refund = await spend(subject, { ...ask, cost: 5 }, subject.unique())
      await store.reset([ask])
      await store.refund([refund])
      await spend(subject, { ...ask, cost: 5 }, subject.unique())
      await store.refund([refund])
      const { numbers } = await decide(store, 'consume', [{ ...ask, cost: 1 }])
      assert.notEqual(numbers[0], 0, 'a later spend does not pay for the refund')
    },
  ),
  ...forEvery('a refund after the budget recovered gives nothing', async (subject, rule) => {
    const { store, clock } = subject
    clock.set(START)
    const ask = { budget: budgetFor(subject, rule), key: 'key' }
    const refund = await spend(subject, { ...ask, cost: 5 }, subject.unique())
    clock.set(START + 120 * S)
    await spend(subject, { ...ask, cost: 5 }, subject.unique())
    await store.refund([refund])
    const { numbers } = await decide(store, 'consume', [{ ...ask, cost: 1 }])
    assert.notEqual(numbers[0], 0, 'the later spend stays spent')
  }),
  {
    name: 'a bucket gives back what has not drained since the spend',
    async run(subject) {
      const { store, clock } = subject
      clock.set(START)
      const ask = { budget: budgetFor(subject, bucket), key: 'key' }
      const refund = await spend(subject, { ...ask, cost: 2 }, subject.unique())
      clock.set(START + 50_000)
      await spend(subject, { ...ask, cost: 1 }, subject.unique())
      await store.refund([refund])
      // 250,000 sub-units were used; 200,000 were spent, of which 50,000 have drained.
      await play(subject, ask, [[50_000, 'peek', 0, 0, 2, 100_000]])
    },
  },
  {
    name: 'a window gives back only into the window of the spend',
    async run(subject) {
      const { store, clock } = subject
      clock.set(START)
      const ask = { budget: budgetFor(subject, { algorithm: 'fixed-window', limit: '5/10s' }), key: 'key' }
      const refund = await spend(subject, { ...ask, cost: 3 }, subject.unique())
      clock.set(START + 10 * S)
      await spend(subject, { ...ask, cost: 4 }, subject.unique())
      await store.refund([refund])
      await play(subject, ask, [[10 * S, 'peek', 0, 0, 1, 10 * S]])
    },
  },
  {
    name: 'a sliding window gives back into the segment of the spend',
    async run(subject) {
      const { store, clock } = subject
      clock.set(START)
      const ask = { budget: budgetFor(subject, { limit: '10/10s' }), key: 'key' }
      const refund = await spend(subject, { ...ask, cost: 4 }, subject.unique())
      clock.set(START + 3 * S)
      await spend(subject, { ...ask, cost: 3 }, subject.unique())
      clock.set(START + 10.5 * S)
      await store.refund([refund])
      await play(subject, ask, [[10.5 * S, 'consume', 7, 0, 0, 10.5 * S]])
    },
  },
  {
    name: 'a refund covers every rule that was there at the spend, and no other',
    async run(subject) {
      const { store, clock } = subject
      clock.set(START)
      const policy = subject.unique()
      const second = { name: 'second', algorithm: 'token-bucket', limit: '5/s' }
      const log = { name: 'log', algorithm: 'sliding-log', limit: '5/10s' }
      const first = { budget: budgetFor(subject, [second], policy), key: 'key', cost: 2 }
      const { marks, ...refund } = await spend(subject, first, subject.unique())
      const budget = budgetFor(subject, [log, second], policy)
      await decide(store, 'consume', [{ budget, key: 'key', cost: 1 }])
      await store.refund([{ ...refund, budget, marks: [undefined, marks[0]] }])
      const { numbers } = await decide(store, 'peek', [{ budget, key: 'key', cost: 0 }])
      assert.deepEqual([numbers[1], numbers[4]], [4, 4])
    },
  },
  {
    name: 'a refund of one decision on several keys gives back each of them, once',
    async run(subject) {
      const { store, clock } = subject
      clock.set(START)
      const asks = [1, 2, 3].map((cost) => ({ budget: budgetFor(subject, '5/10s'), key: 'key', cost }))
      const verdicts = await decide(store, 'consume', asks)
      const id = subject.unique()
      const refunds = asks.map((ask, i) =>
        refundOf(ask, { ...verdicts, numbers: verdicts.numbers.slice(i * 3) }, id),
      )
      await store.refund(refunds)
      await store.refund(refunds)
      const peeks = asks.map((ask) => ({ ...ask, cost: 0 }))
      assert.deepEqual(remaining(await decide(store, 'peek', peeks)), [5, 5, 5])
    },
  },
  {
    name: 'a charge can be taken back, debt included',
    async run(subject) {
      const { store, clock } = subject
      clock.set(START)
      const ask = { budget: budgetFor(subject, bucket), key: 'key', cost: 8 }
      const verdicts = await decide(store, 'charge', [ask])
      await store.refund([refundOf(ask, verdicts, subject.unique())])
      await play(subject, ask, [[0, 'peek', 3, 0, 0, 300_000]])
    },
  },
]
