import assert from 'node:assert/strict'
import type { RuleOptions } from '../../core/rule.ts'
import {
  budgetFor,
  type ContractCase,
  type ContractSubject,
  decide,
  refundOf,
  S,
  START,
  spend,
} from './case.ts'
import { play, type Row, table } from './case-table.ts'
import { forEvery } from './verbs.ts'

const bucket = { algorithm: 'token-bucket', limit: '10/s', burst: 3 } as const
const sliding = { limit: '12/10s', segments: 10 } as const

export const refundCases: readonly ContractCase[] = [
  ...forEveryTable('a refund at once gives back what was spent, once', [
    { at: 0, consume: 2, as: 'other' },
    { at: 0, consume: 3, as: 'mine', remaining: 0 },
    { at: 0, refund: 'mine', gives: 3 },
    { at: 0, peek: 0, remaining: 3 },
    { at: 0, refund: 'mine', gives: 0 },
    { at: 0, peek: 0, remaining: 3 },
  ]),
  ...forEveryTable('a refund of a spend that a reset forgot gives nothing, whatever was spent since', [
    { at: 0, consume: 3, as: 'A', remaining: 2 },
    { at: 0, forget: true, consume: 3, as: 'B', remaining: 2 },
    { at: 0, refund: 'A', gives: 0 },
    { at: 0, peek: 0, remaining: 2 },
    { at: 0, refund: 'B', gives: 3 },
    { at: 0, peek: 0, remaining: 5, reset: 0 },
  ]),
  ...forEveryTable('a refund never creates a key', [
    { at: 0, consume: 5, as: 'A' },
    { at: 0, forget: true, refund: 'A', gives: 0 },
    { at: 0, consume: 5, remaining: 0 },
    { at: 0, refund: 'A', gives: 0 },
    { at: 0, peek: 0, remaining: 0 },
  ]),
  ...forEveryTable('a refund after the budget recovered gives nothing', [
    { at: 0, consume: 5, as: 'A' },
    { at: 120 * S, consume: 5, remaining: 0 },
    { at: 120 * S, refund: 'A', gives: 0 },
    { at: 120 * S, peek: 0, remaining: 0 },
  ]),
  // A record with nothing used no longer exists: the next spend creates another one, with a new incarnation.
  ...forEveryTable('a spend whose units were all given back is out of reach of the next', [
    { at: 0, consume: 4, as: 'A' },
    { at: 0, credit: 4, gives: 4, remaining: 5, reset: 0 },
    { at: 0, consume: 4, as: 'B' },
    { at: 0, refund: 'A', gives: 0 },
    { at: 0, peek: 0, remaining: 1 },
  ]),
  ...forEveryTable('of a spend that a credit came after, no more is given back than is left of it', [
    { at: 0, consume: 3, as: 'A', remaining: 2 },
    { at: 0, consume: 1, remaining: 1 },
    { at: 0, credit: 3, gives: 3, remaining: 4 },
    { at: 0, consume: 3, remaining: 1 },
    { at: 0, refund: 'A', gives: 0 },
    { at: 0, peek: 0, remaining: 1 },
  ]),
  table('a bucket gives back what is left of the spend, first in first out', bucket, [
    { at: 0, consume: 2, as: 'A', remaining: 1 },
    { at: 50_000, consume: 1, remaining: 0, reset: 250_000 },
    // 200,000 sub-units were spent, of which 50,000 have drained.
    { at: 50_000, refund: 'A', gives: 1 },
    { at: 50_000, peek: 0, remaining: 2, reset: 100_000 },
  ]),
  table('a bucket forfeits nothing of a later spend', { ...bucket, burst: 20 }, [
    { at: 0, consume: 15, remaining: 5 },
    { at: 0.1 * S, consume: 5, as: 'R', remaining: 1 },
    { at: 0.2 * S, consume: 1, remaining: 1 },
    { at: 0.3 * S, refund: 'R', gives: 5 },
    { at: 0.3 * S, peek: 0, remaining: 7 },
  ]),
  table('a bucket takes what was given back since to be of the spend', { ...bucket, burst: 20 }, [
    { at: 0, consume: 4, as: 'A', remaining: 16 },
    { at: 0, consume: 4, as: 'B', remaining: 12 },
    { at: 0, refund: 'A', gives: 4 },
    { at: 0.2 * S, refund: 'B', gives: 2 },
    { at: 0.2 * S, peek: 0, remaining: 20, reset: 0 },
  ]),
  table(
    'a window gives back only into the window of the spend',
    { algorithm: 'fixed-window', limit: '5/10s' },
    [
      { at: 0, consume: 3, as: 'A', remaining: 2 },
      { at: 10 * S, consume: 4, remaining: 1 },
      { at: 10 * S, refund: 'A', gives: 0 },
      { at: 10 * S, peek: 0, remaining: 1, reset: 10 * S },
    ],
  ),
  table('a sliding window gives back into the entry of the spend, and forfeits nothing', sliding, [
    { at: 0, consume: 4, as: 'A', remaining: 8 },
    { at: 0.5 * S, consume: 3, as: 'B', remaining: 5 },
    { at: 3 * S, consume: 3, as: 'C', remaining: 2 },
    { at: 4 * S, refund: 'B', gives: 3 },
    { at: 4 * S, peek: 6, wait: 6 * S, remaining: 5, reset: 9 * S },
    { at: 9 * S, refund: 'A', gives: 4 },
    { at: 9 * S, peek: 0, remaining: 9, reset: 4 * S },
    { at: 13 * S, refund: 'C', gives: 0 },
  ]),
  table('what joined the entry of a spend is not given back for it', sliding, [
    { at: 0, consume: 4, as: 'A' },
    { at: 0.5 * S, consume: 5, as: 'B' },
    { at: S, refund: 'A', gives: 4 },
    { at: S, refund: 'A', gives: 0 },
    { at: S, peek: 0, remaining: 7 },
    { at: S, refund: 'B', gives: 5 },
    { at: S, peek: 0, remaining: 12, reset: 0 },
  ]),
  table('a charge can be taken back, debt included', bucket, [
    { at: 0, charge: 8, as: 'A', remaining: 0 },
    { at: 0, refund: 'A', gives: 8 },
    { at: 0, peek: 3, wait: 0, remaining: 0, reset: 300_000 },
  ]),
  { name: 'a refund covers every rule that was there at the spend, and no other', run: otherRules },
  { name: 'a refund of one decision on several keys gives back each of them, once', run: severalKeys },
  { name: 'a refund answers the least of what its rules gave back', run: leastOfRules },
  ...forEvery('two refunds of one spend in one call give back one', async (subject, rule) => {
    const { store, clock } = subject
    clock.set(START)
    const request = { budget: budgetFor(subject, rule), key: 'key', cost: 3 }
    const refund = await spend(subject, request, subject.unique())
    await spend(subject, { ...request, cost: 1 }, subject.unique())
    assert.deepEqual(await store.refund([refund, refund]), [3, 0])
    assert.deepEqual((await decide(store, 'peek', [{ ...request, cost: 0 }])).remaining, [4])
  }),
  ...forEvery('a part of a spend can be given back, and then the rest is not', async (subject, rule) => {
    const { store, clock } = subject
    clock.set(START)
    const request = { budget: budgetFor(subject, rule), key: 'key', cost: 4 }
    const refund = await spend(subject, request, subject.unique())
    assert.deepEqual(await store.refund([{ ...refund, cost: 1 }]), [1])
    assert.deepEqual(await store.refund([{ ...refund, cost: 3 }]), [0])
    assert.deepEqual((await decide(store, 'peek', [{ ...request, cost: 0 }])).remaining, [2])
  }),
]

function forEveryTable(name: string, rows: readonly Row[]): ContractCase[] {
  return forEvery(name, (subject: ContractSubject, rule: RuleOptions) =>
    play(subject, budgetFor(subject, rule), rows),
  )
}

async function otherRules(subject: ContractSubject): Promise<void> {
  const { store, clock } = subject
  clock.set(START)
  const policy = subject.unique()
  const second = { name: 'second', algorithm: 'token-bucket', limit: '5/s' }
  const log = { name: 'log', algorithm: 'sliding-log', limit: '5/10s' }
  const first = { budget: budgetFor(subject, [second], policy), key: 'key', cost: 2 }
  const { rules, ...refund } = await spend(subject, first, subject.unique())
  const budget = budgetFor(subject, [log, second], policy)
  await decide(store, 'consume', [{ budget, key: 'key', cost: 1 }])
  assert.deepEqual(await store.refund([{ ...refund, budget, rules: [undefined, rules[0]] }]), [2])
  assert.deepEqual((await decide(store, 'peek', [{ budget, key: 'key', cost: 0 }])).remaining, [4, 4])
}

async function severalKeys(subject: ContractSubject): Promise<void> {
  const { store, clock } = subject
  clock.set(START)
  const requests = [1, 2, 3].map((cost) => ({ budget: budgetFor(subject, '5/10s'), key: 'key', cost }))
  const { receipts } = await decide(store, 'consume', requests)
  const id = subject.unique()
  const refunds = requests.map((request, i) => refundOf(request, receipts.slice(i, i + 1), id))
  assert.deepEqual(await store.refund(refunds), [1, 2, 3])
  assert.deepEqual(await store.refund(refunds), [0, 0, 0])
  const peeks = requests.map((request) => ({ ...request, cost: 0 }))
  assert.deepEqual((await decide(store, 'peek', peeks)).remaining, [5, 5, 5])
}

async function leastOfRules(subject: ContractSubject): Promise<void> {
  const { store, clock } = subject
  clock.set(START)
  const rules = [
    { name: 'second', algorithm: 'token-bucket', limit: '4/s' },
    { name: 'day', limit: '9/day' },
  ] as const
  const budget = budgetFor(subject, rules)
  const refund = await spend(subject, { budget, key: 'key', cost: 4 }, subject.unique())
  // 2.8 of the bucket's four units have not drained yet; the window still has all nine.
  clock.set(START + 300_000)
  assert.deepEqual(await store.refund([refund]), [2])
  assert.deepEqual((await decide(store, 'peek', [{ budget, key: 'key', cost: 0 }])).remaining, [4, 9])
}
