import assert from 'node:assert/strict'
import { type Budget, budgetOf } from '../../core/budget.ts'
import type { RuleOptions } from '../../core/rule.ts'
import {
  budgetFor,
  type ContractCase,
  type ContractSubject,
  compileRules,
  decide,
  type Rules,
  START,
} from './case.ts'
import { play } from './case-table.ts'
import { forEvery } from './verbs.ts'

export const overdrawCases: readonly ContractCase[] = [
  ...forEvery('with overdraw a call passes while a unit is left, and spends its whole cost', intoDebt),
  ...forEvery('with overdraw the wait is the same for every cost', oneWait),
  { name: 'with overdraw every rule has to have a unit', run: everyRule },
  { name: 'with overdraw a cost above the capacity passes, and one of 0 unless in debt', run: aboveCapacity },
  { name: 'overdraw is a matter of each request of a decision', run: eachRequest },
]

function overdrawn({ unique }: ContractSubject, rules: Rules): Budget {
  return budgetOf(unique(), compileRules(rules), { overdraw: true })
}

async function intoDebt(subject: ContractSubject, rule: RuleOptions): Promise<void> {
  const { store, clock } = subject
  clock.set(START)
  const budget = overdrawn(subject, rule)
  const ask = (cost: number) => decide(store, 'consume', [{ budget, key: 'key', cost }])
  assert.deepEqual([(await ask(4)).remaining, (await ask(9)).waits], [[1], [0]])
  for (const cost of [0, 1, 9]) {
    const denied = await ask(cost)
    assert.ok((denied.waits[0] as number) > 0, `a cost of ${cost} is denied`)
    assert.deepEqual(denied.remaining, [0])
  }
  const strict = budgetFor(subject, rule)
  for (const cost of [4, 9]) await decide(store, 'charge', [{ budget: strict, key: 'key', cost }])
  const [debt, charged] = [budget, strict].map((one) =>
    decide(store, 'peek', [{ budget: one, key: 'key', cost: 1 }]),
  )
  assert.deepEqual((await debt)?.waits, (await charged)?.waits, 'the debt is that of a charge')
}

async function oneWait(subject: ContractSubject, rule: RuleOptions): Promise<void> {
  const { store, clock } = subject
  clock.set(START)
  const budget = overdrawn(subject, rule)
  const peek = (cost: number) => decide(store, 'peek', [{ budget, key: 'key', cost }])
  await decide(store, 'consume', [{ budget, key: 'key', cost: 7 }])
  const [wait = 0] = (await peek(1)).waits
  assert.ok(wait > 0)
  assert.deepEqual([(await peek(5)).waits, (await peek(1000)).waits], [[wait], [wait]])
  clock.advanceUs(wait - 1)
  assert.deepEqual((await peek(1000)).waits, [1])
  clock.advanceUs(1)
  assert.deepEqual((await peek(1000)).waits, [0])
}

async function everyRule(subject: ContractSubject): Promise<void> {
  const { store, clock } = subject
  clock.set(START)
  const budget = overdrawn(subject, [{ algorithm: 'token-bucket', limit: '1/s' }, '9/min'])
  const requests = [{ budget, key: 'key', cost: 3 }]
  assert.deepEqual((await decide(store, 'consume', requests)).remaining, [0, 6])
  const denied = await decide(store, 'consume', requests)
  assert.deepEqual(
    [denied.waits, denied.remaining],
    [
      [3_000_000, 0],
      [0, 6],
    ],
  )
}

async function aboveCapacity(subject: ContractSubject): Promise<void> {
  await play(subject, overdrawn(subject, { algorithm: 'token-bucket', limit: '2/s' }), [
    { at: 0, consume: 0, wait: 0, remaining: 2, reset: 0 },
    { at: 0, consume: 10, wait: 0, remaining: 0, reset: 5_000_000, as: 'spend' },
    { at: 0, consume: 0, wait: 4_000_000, remaining: 0, reset: 5_000_000 },
    { at: 4_000_000, consume: 0, wait: 0, remaining: 0, reset: 1_000_000 },
    { at: 4_000_000, consume: 10, wait: 500_000, remaining: 0, reset: 1_000_000 },
    { at: 4_000_000, refund: 'spend', gives: 2 },
    { at: 4_000_000, peek: 10, wait: 0, remaining: 0, reset: 5_000_000 },
  ])
}

async function eachRequest(subject: ContractSubject): Promise<void> {
  const { store, clock } = subject
  clock.set(START)
  const requests = [
    { budget: overdrawn(subject, '2/min'), key: 'key', cost: 5 },
    { budget: budgetFor(subject, '2/min'), key: 'key', cost: 5 },
  ]
  const denied = await decide(store, 'consume', requests)
  assert.deepEqual(
    [denied.waits, denied.remaining],
    [
      [0, -1],
      [2, 2],
    ],
  )
  const cheaper = requests.map((request, i) => ({ ...request, cost: i === 0 ? 5 : 2 }))
  const passed = await decide(store, 'consume', cheaper)
  assert.deepEqual(
    [passed.waits, passed.remaining],
    [
      [0, 0],
      [0, 0],
    ],
  )
}
