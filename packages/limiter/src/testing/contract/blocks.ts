import assert from 'node:assert/strict'
import { budgetFor, type ContractCase, decide, HOUR, MINUTE, S, START } from './case.ts'
import { play, table } from './case-table.ts'

const bucket = { algorithm: 'token-bucket', limit: '10/s', burst: 3 } as const

/** `block`: a key is denied for a time, whatever its rules say. */
export const blockCases: readonly ContractCase[] = [
  table('a block denies from now on, and its wait is exact', bucket, [
    { at: 0, consume: 1, wait: 0, remaining: 2 },
    { at: 0, block: MINUTE },
    { at: 0, consume: 1, wait: MINUTE, blocked: true, remaining: 2 },
    { at: 0, peek: 1, wait: MINUTE, blocked: true },
    { at: 0, consume: 0, wait: MINUTE, blocked: true },
    { at: MINUTE - 1, consume: 1, wait: 1, blocked: true, remaining: 3 },
    { at: MINUTE, consume: 1, wait: 0, blocked: false, remaining: 2, reset: 100_000 },
    { at: MINUTE, consume: 3, wait: 100_000, blocked: false },
  ]),
  table('a block outlasts the rules, or they outlast it', { limit: '1/min' }, [
    { at: 0, consume: 1, wait: 0 },
    { at: S, block: S },
    { at: S, consume: 1, wait: 59 * S, blocked: true },
    { at: 2 * S, consume: 1, wait: 58 * S, blocked: false },
    { at: 3 * S, block: HOUR },
    { at: 3 * S, consume: 1, wait: HOUR, blocked: true },
    { at: MINUTE, consume: 1, wait: HOUR - 57 * S, blocked: true, remaining: 1, reset: 0 },
    { at: 3 * S + HOUR, consume: 1, wait: 0 },
  ]),
  table(
    'a block stands against a key that nobody has asked for',
    [bucket, '5/min'],
    [
      { at: 0, block: S },
      { at: 0, consume: 1, wait: [S, S], remaining: [3, 5], blocked: [true, true] },
      { at: S - 1, consume: 4, wait: [-1, 1], remaining: [3, 5] },
      { at: S, consume: 1, wait: [0, 0], remaining: [2, 4] },
    ],
  ),
  table('a later block takes the place of an earlier one, and an unblock ends it', '2/min', [
    { at: 0, consume: 2, wait: 0 },
    { at: 0, block: HOUR },
    { at: S, block: S },
    { at: S, consume: 1, wait: 59 * S, blocked: true },
    { at: 2 * S, consume: 1, wait: 58 * S, blocked: false },
    { at: 2 * S, block: HOUR },
    { at: 3 * S, block: 0 },
    { at: 3 * S, block: 0 },
    { at: 3 * S, peek: 0, wait: 0, remaining: 0 },
    { at: MINUTE, consume: 2, wait: 0 },
  ]),
  table('an unblock of a key against which nothing stands changes nothing', '2/min', [
    { at: 0, block: 0 },
    { at: 0, credit: 1, gives: 0, remaining: 2 },
    { at: 0, consume: 1, wait: 0, remaining: 1 },
    { at: S, block: 0 },
    { at: S, consume: 1, wait: 0, remaining: 0, reset: MINUTE },
  ]),
  table('charges, credits and refunds go on while a block holds', '5/min', [
    { at: 0, consume: 2, wait: 0, as: 'a' },
    { at: 0, block: HOUR },
    { at: S, charge: 2, wait: 0, remaining: 1 },
    { at: S, credit: 1, gives: 1, remaining: 2 },
    { at: 2 * S, refund: 'a', gives: 1 },
    { at: 2 * S, peek: 1, wait: HOUR - 2 * S, blocked: true, remaining: 3 },
    { at: 2 * S, charge: 9, wait: 0, remaining: 0 },
    { at: 2 * S, consume: 1, wait: HOUR - 2 * S, blocked: true, remaining: 0 },
    { at: HOUR, consume: 1, wait: 0 },
  ]),
  table('a reset ends a block', '5/min', [
    { at: 0, consume: 2 },
    { at: 0, block: HOUR },
    { at: S, forget: true, consume: 1, wait: 0, remaining: 4 },
  ]),
  {
    name: 'no change of rules ends a block',
    async run(subject) {
      const policy = subject.unique()
      const budgets = new Map(
        [
          bucket,
          '5/min',
          { limit: '20/s', burst: 6 },
          { name: 'x', algorithm: 'fixed-window', limit: '3/h' },
        ].map((rule, i) => [`v${i}`, budgetFor(subject, rule, policy)] as const),
      )
      await play(subject, budgets, [
        { at: 0, by: 'v0', consume: 3, wait: 0 },
        { at: 0, by: 'v1', block: MINUTE },
        { at: 0, by: 'v0', consume: 1, wait: MINUTE, blocked: true },
        { at: 0, by: 'v1', consume: 1, wait: MINUTE, blocked: true },
        { at: 0, by: 'v1', charge: 1, wait: 0, remaining: 4 },
        { at: S, by: 'v2', charge: 1, wait: 0 },
        { at: S, by: 'v3', charge: 1, wait: 0, remaining: 2 },
        { at: S, by: 'v0', consume: 1, wait: 59 * S, blocked: true },
        { at: S, by: 'v3', consume: 1, wait: 59 * S, blocked: true },
        { at: MINUTE, by: 'v3', consume: 1, wait: 0, remaining: 1 },
        { at: MINUTE, by: 'v1', consume: 1, wait: 0, remaining: 4 },
      ])
    },
  },
  {
    name: 'a block of one request denies all requests of a decision, and other keys go on',
    async run(subject) {
      const { store, clock } = subject
      clock.set(START)
      const [first, second] = [budgetFor(subject, '5/min'), budgetFor(subject, bucket)]
      await store.block([{ budget: second, key: 'a' }], S)
      const both = [
        { budget: first, key: 'a', cost: 1 },
        { budget: second, key: 'a', cost: 1 },
      ]
      const denied = await decide(store, 'consume', both)
      assert.deepEqual(
        [denied.waits, denied.blocked, denied.remaining],
        [
          [0, S],
          [false, true],
          [5, 3],
        ],
      )
      const other = await decide(store, 'consume', [{ budget: second, key: 'b', cost: 1 }])
      assert.deepEqual([other.waits, other.remaining], [[0], [2]])
      clock.advanceUs(S)
      const passed = await decide(store, 'consume', both)
      assert.deepEqual(
        [passed.waits, passed.remaining],
        [
          [0, 0],
          [4, 2],
        ],
      )
    },
  },
  table('a block from the future begins anew, and lasts no longer than it was made for', '5/min', [
    { at: HOUR, block: MINUTE },
    { at: HOUR, consume: 1, wait: MINUTE, blocked: true },
    { at: 0, peek: 1, wait: MINUTE, blocked: true },
    { at: 0, consume: 1, wait: MINUTE, blocked: true },
    { at: S, consume: 1, wait: 59 * S, blocked: true },
    { at: MINUTE, consume: 1, wait: 0 },
    { at: HOUR, consume: 1, wait: 0 },
  ]),
]
