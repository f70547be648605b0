import assert from 'node:assert/strict'
import type { RuleOptions } from '../../core/rule.ts'
import {
  budgetFor,
  type ContractCase,
  type ContractSubject,
  decide,
  play,
  remaining,
  S,
  START,
} from './case.ts'
import { everyRule, forEvery } from './verbs.ts'

/** Spends 3 of 5 under one rule, then peeks under another; the policy and the key stay. */
async function change(subject: ContractSubject, before: RuleOptions, after: RuleOptions): Promise<number> {
  const { store, clock } = subject
  clock.set(START)
  const policy = subject.unique()
  const old = { budget: budgetFor(subject, before, policy), key: 'key' }
  await decide(store, 'consume', [{ ...old, cost: 3 }])
  const { numbers } = await decide(store, 'peek', [
    { ...old, budget: budgetFor(subject, after, policy), cost: 0 },
  ])
  return numbers[1] as number
}

const window = (limit: number): RuleOptions => ({ name: 'rule', limit: `${limit}/10s` })

export const ruleChangeCases: readonly ContractCase[] = [
  ...forEvery('a limit raised or lowered acts at once and keeps what was spent', async (subject, rule) => {
    for (const limit of [1, 3, 4, 6, 50]) {
      const raised = { ...rule, limit: String(rule.limit).replace('5', String(limit)) }
      assert.equal(await change(subject, rule, raised), Math.max(0, limit - 3), `a limit of ${limit}`)
    }
  }),
  ...Object.entries(everyRule).flatMap(([from, before]) =>
    Object.entries(everyRule)
      .filter(([to]) => to !== from)
      .map(
        ([to, after]): ContractCase => ({
          name: `units spent on a ${from} stay spent when the rule becomes a ${to}`,
          run: async (subject) => assert.equal(await change(subject, before, after), 2),
        }),
      ),
  ),
  {
    name: 'state follows the name of a rule, not its place',
    async run(subject) {
      const { store, clock } = subject
      clock.set(START)
      const policy = subject.unique()
      const [a, b] = [
        { name: 'a', limit: '10/min' },
        { name: 'constructor', limit: '20/min' },
      ]
      const ask = { key: 'key', cost: 4 }
      await decide(store, 'consume', [{ ...ask, budget: budgetFor(subject, [a, b], policy) }])
      await decide(store, 'consume', [{ ...ask, budget: budgetFor(subject, [b], policy) }])
      const turned = budgetFor(subject, [{ name: 'new', limit: '5/min' }, b, a], policy)
      assert.deepEqual(
        remaining(await decide(store, 'peek', [{ ...ask, cost: 0, budget: turned }])),
        [5, 12, 6],
      )
    },
  },
  {
    name: 'two configurations that take turns on a key keep their budgets apart',
    async run(subject) {
      const { store, clock } = subject
      clock.set(START)
      const policy = subject.unique()
      const one = budgetFor(subject, [{ name: 'one', algorithm: 'token-bucket', limit: '5/min' }], policy)
      const log = { name: 'log', algorithm: 'sliding-log', limit: '5/min' }
      const two = budgetFor(subject, [{ name: 'two', limit: '5/min' }, log], policy)
      for (let left = 4; left >= 0; left--) {
        for (const budget of [one, two]) {
          const verdicts = await decide(store, 'consume', [{ budget, key: 'key', cost: 1 }])
          assert.deepEqual(
            remaining(verdicts),
            budget.rules.map(() => left),
          )
        }
      }
      for (const budget of [one, two]) {
        const { numbers } = await decide(store, 'consume', [{ budget, key: 'key', cost: 1 }])
        assert.ok((numbers[0] as number) > 0, 'the budget is spent')
      }
    },
  },
  {
    name: 'a changed rule is written down by the next spend, and a peek before it writes nothing',
    async run(subject) {
      const policy = subject.unique()
      const bucket = (limit: string) => ({ name: 'rule', algorithm: 'token-bucket', limit, burst: 4 })
      const slow = { budget: budgetFor(subject, bucket('1/s'), policy), key: 'key' }
      const fast = { ...slow, budget: budgetFor(subject, bucket('2/s'), policy) }
      await play(subject, slow, [[0, 'consume', 4, 0, 0, 4 * S]])
      await play(subject, fast, [[0, 'peek', 0, 0, 0, 2 * S]])
      // One second drained at the old rate, under which the state was written: one unit.
      await play(subject, fast, [[S, 'consume', 1, 0, 0, 2 * S]])
      await play(subject, fast, [[1.5 * S, 'peek', 0, 0, 1, 1.5 * S]])
    },
  },
  {
    name: 'a debt survives a change of the limit',
    async run(subject) {
      const { store, clock } = subject
      clock.set(START)
      const policy = subject.unique()
      await decide(store, 'charge', [{ budget: budgetFor(subject, window(5), policy), key: 'key', cost: 8 }])
      const peek = async (limit: number): Promise<number[]> =>
        remaining(
          await decide(store, 'peek', [
            { budget: budgetFor(subject, window(limit), policy), key: 'key', cost: 0 },
          ]),
        )
      assert.deepEqual([await peek(7), await peek(8), await peek(9)], [[0], [0], [1]])
    },
  },
]
