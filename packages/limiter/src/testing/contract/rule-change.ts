import assert from 'node:assert/strict'
import type { Budget } from '../../core/budget.ts'
import type { RuleOptions } from '../../core/rule.ts'
import { budgetFor, type ContractCase, type ContractSubject, decide, MINUTE, S, START } from './case.ts'
import { play, type table } from './case-table.ts'
import { everyRule, forEvery } from './verbs.ts'

/** Spends 3 of 5 under one rule, then peeks under another one of the same policy and key. */
async function change(subject: ContractSubject, before: RuleOptions, after: RuleOptions): Promise<number> {
  const { store, clock } = subject
  clock.set(START)
  const policy = subject.unique()
  const old = { budget: budgetFor(subject, before, policy), key: 'key' }
  await decide(store, 'consume', [{ ...old, cost: 3 }])
  const changed = { ...old, budget: budgetFor(subject, after, policy), cost: 0 }
  return (await decide(store, 'peek', [changed])).remaining[0] as number
}

/** A table on one key before and after a rule changed; rows after the change say `by: 'after'`. */
function changed(
  name: string,
  [before, after]: readonly [RuleOptions, RuleOptions],
  rows: Rows,
): ContractCase {
  return {
    name,
    async run(subject) {
      const policy = subject.unique()
      const budgets = new Map<string, Budget>([
        ['before', budgetFor(subject, before, policy)],
        ['after', budgetFor(subject, after, policy)],
      ])
      await play(subject, budgets, rows)
    },
  }
}

type Rows = Parameters<typeof table>[2]

const bucket = (limit: string, burst?: number): RuleOptions => ({
  name: 'rule',
  algorithm: 'token-bucket',
  limit,
  ...(burst !== undefined && { burst }),
})
const window = (limit: string): RuleOptions => ({ name: 'rule', limit })

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
      .map(([to, after]): ContractCase => {
        const isOne = from.startsWith('sliding') && to.startsWith('sliding')
        const name = isOne ? `a ${from} is a ${to} of other segments` : `a ${to} knows nothing of a ${from}`
        return {
          name,
          run: async (subject) => assert.equal(await change(subject, before, after), isOne ? 2 : 5),
        }
      }),
  ),
  ...['gcra', 'leaky-bucket'].map(
    (algorithm): ContractCase => ({
      name: `a token bucket that is called ${algorithm} from now on keeps its state`,
      run: async (subject) =>
        assert.equal(await change(subject, bucket('5/10s'), { ...bucket('5/10s'), algorithm }), 2),
    }),
  ),
  changed(
    'a window that becomes shorter begins fresh',
    [window('1/min'), window('1/s')],
    [
      { at: 0, consume: 1, remaining: 0 },
      { at: S, by: 'after', consume: 1, wait: 0, remaining: 0, reset: S },
      { at: S, by: 'after', consume: 1, wait: S },
      { at: 2 * S, by: 'after', consume: 1, wait: 0 },
      // The state of the old rule is kept beside that of the new one.
      { at: 2 * S, consume: 1, wait: 58 * S },
    ],
  ),
  changed(
    'segments are no part of whose state it is',
    [{ ...window('12/10s'), segments: 5 }, window('12/10s')],
    [
      { at: 0, consume: 4, remaining: 8 },
      { at: 1.5 * S, consume: 3, remaining: 5, reset: 8.5 * S },
      // Added to the newest entry under five segments of 2 s, but not under ten of 1 s.
      { at: 1.5 * S, by: 'after', consume: 1, remaining: 4, reset: 10 * S },
    ],
  ),
  // In a minute 0.007 units drain at the old rate, so 10 are carried over, rounded up; the next unit drains at the
  // new rate.
  changed(
    'a bucket whose rate changes begins with what was used, and waits by the new rate',
    [bucket('10/day'), bucket('10/s')],
    [
      { at: 0, consume: 10, remaining: 0 },
      { at: MINUTE, by: 'after', consume: 1, wait: 100_000, remaining: 0, reset: S },
      // The denial wrote the carried state, so that it is neither lost nor carried over again.
      { at: MINUTE + 99_999, by: 'after', consume: 1, wait: 1 },
      { at: MINUTE + 100_000, by: 'after', consume: 1, wait: 0 },
      { at: 2 * MINUTE, by: 'after', consume: 10, wait: 0, remaining: 0 },
    ],
  ),
  changed(
    'what a rate has used is taken over in whole tokens, rounded up, at most the capacity',
    [bucket('10/s', 30), bucket('20/s', 15)],
    [
      { at: 0, consume: 15, remaining: 15 },
      { at: 0.25 * S, by: 'after', consume: 1, wait: 0, remaining: 1, reset: 0.7 * S },
      { at: 0.25 * S, consume: 15, wait: 0, remaining: 2 },
      // After that the two rates have separate states.
      { at: 0.25 * S, by: 'after', consume: 2, wait: 50_000, remaining: 1 },
    ],
  ),
  changed(
    'a burst changes in place, and a smaller one may leave less than nothing',
    [bucket('10/s', 30), bucket('10/s', 12)],
    [
      { at: 0, consume: 20, as: 'A', remaining: 10 },
      { at: 0, by: 'after', consume: 1, wait: 0.9 * S, remaining: 0, reset: 2 * S },
      { at: S, by: 'after', consume: 2, wait: 0, remaining: 0 },
      { at: S, refund: 'A', gives: 10 },
      { at: S, by: 'after', peek: 0, remaining: 10 },
    ],
  ),
  changed(
    'receipts outlive a change of the limit',
    [window('5/10s'), window('9/10s')],
    [
      { at: 0, consume: 3, as: 'A', remaining: 2 },
      { at: S, by: 'after', consume: 3, remaining: 3 },
      { at: S, refund: 'A', gives: 3 },
      { at: S, by: 'after', peek: 0, remaining: 6 },
    ],
  ),
  changed(
    'a debt survives a change of the limit',
    [window('5/10s'), window('9/10s')],
    [
      { at: 0, charge: 8, remaining: 0 },
      { at: 0, by: 'after', peek: 2, wait: 10 * S, remaining: 1 },
    ],
  ),
  changed(
    'a peek after a change writes nothing',
    [bucket('1/s', 4), bucket('2/s', 4)],
    [
      { at: 0, consume: 4, remaining: 0 },
      { at: 0, by: 'after', peek: 0, remaining: 0, reset: 2 * S },
      // The state drains at the rate under which it was written, the old one: one unit in a second.
      { at: S, by: 'after', consume: 1, wait: 0, remaining: 0, reset: 2 * S },
      { at: 1.5 * S, by: 'after', peek: 0, remaining: 1, reset: 1.5 * S },
    ],
  ),
  { name: 'state follows the name of a rule, not its position', run: followsName },
  { name: 'two configurations that take turns on a key keep their budgets apart', run: takeTurns },
]

async function followsName(subject: ContractSubject): Promise<void> {
  const { store, clock } = subject
  clock.set(START)
  const policy = subject.unique()
  const [a, b] = [
    { name: 'a', limit: '10/min' },
    { name: 'constructor', limit: '20/min' },
  ]
  const request = { key: 'key', cost: 4 }
  await decide(store, 'consume', [{ ...request, budget: budgetFor(subject, [a, b], policy) }])
  await decide(store, 'consume', [{ ...request, budget: budgetFor(subject, [b], policy) }])
  const turned = budgetFor(subject, [{ name: 'new', limit: '5/min' }, b, a], policy)
  const { remaining } = await decide(store, 'peek', [{ ...request, cost: 0, budget: turned }])
  assert.deepEqual(remaining, [5, 12, 6])
}

async function takeTurns(subject: ContractSubject): Promise<void> {
  const { store, clock } = subject
  clock.set(START)
  const policy = subject.unique()
  const one = budgetFor(subject, [{ name: 'one', algorithm: 'token-bucket', limit: '5/min' }], policy)
  const log = { name: 'log', algorithm: 'sliding-log', limit: '5/min' }
  const two = budgetFor(subject, [{ name: 'two', limit: '5/min' }, log], policy)
  for (let left = 4; left >= 0; left--) {
    for (const budget of [one, two]) {
      const { remaining } = await decide(store, 'consume', [{ budget, key: 'key', cost: 1 }])
      assert.deepEqual(
        remaining,
        budget.rules.map(() => left),
      )
    }
  }
  for (const budget of [one, two]) {
    const { waits } = await decide(store, 'consume', [{ budget, key: 'key', cost: 1 }])
    assert.ok((waits[0] as number) > 0, 'the budget is spent')
  }
}
