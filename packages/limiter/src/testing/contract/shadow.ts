import assert from 'node:assert/strict'
import { type Budget, budgetOf } from '../../core/budget.ts'
import type { Rule, RuleOptions } from '../../core/rule.ts'
import {
  type Answer,
  budgetFor,
  type ContractCase,
  type ContractSubject,
  compileRules,
  decide,
  MINUTE,
  type Rules,
  refundOf,
  START,
} from './case.ts'
import { forEvery } from './verbs.ts'

export const shadowCases: readonly ContractCase[] = [
  ...forEvery('a rule in shadow spends where it passes, and denies nothing', spendsAlone),
  ...forEvery('a request that is denied spends in no shadow', deniedSpendsNothing),
  ...forEvery('a policy in shadow spends where all its rules pass, and denies nothing', spendsTogether),
  ...forEvery('a rule keeps its spends where it goes into shadow and comes out of it', changesRoles),
  ...forEvery('refund and credit reach a rule in shadow', givesBack),
  {
    name: 'a policy in shadow is judged by its own rules beside one that enforces, and by nothing where that denies',
    run: besideAnother,
  },
  { name: 'a peek says what a consume would do in shadow, and changes nothing', run: peekInShadow },
  { name: 'a charge spends in shadow, whatever is left', run: chargeInShadow },
  { name: 'a policy in shadow that has rules in shadow by themselves spends in each by its own', run: both },
  {
    name: 'a refund answers what rules in shadow gave back only where no other rule was spent from',
    run: refundAnswers,
  },
]

const IN_SHADOW = { enforces: false }

/** A budget of rules that enforce their limits, and of others beside them in shadow. */
function withShadow({ unique }: ContractSubject, rules: Rules, shadow: Rules): Budget {
  return budgetOf(unique(), [...compileRules(rules), ...inShadow(compileRules(shadow))])
}

/** A budget of a policy in shadow. */
function policyInShadow({ unique }: ContractSubject, rules: Rules): Budget {
  return budgetOf(unique(), compileRules(rules), IN_SHADOW)
}

function inShadow(rules: readonly Rule[]): Rule[] {
  return rules.map((rule) => ({ ...rule, shadow: true }))
}

/** The rule under another name, with other numbers. */
function other(rule: RuleOptions, changes: Partial<RuleOptions>): RuleOptions {
  return { ...rule, name: 'other', ...changes }
}

/** The same window with a limit of `limit`. */
function limited({ limit }: RuleOptions, to: number): string {
  return String(limit).replace(/^\d+/, String(to))
}

function passing({ waits }: Answer): boolean[] {
  return waits.map((wait) => wait === 0)
}

async function spendsAlone(subject: ContractSubject, rule: RuleOptions): Promise<void> {
  const { store, clock } = subject
  clock.set(START)
  const budget = withShadow(subject, rule, other(rule, { limit: limited(rule, 2) }))
  const requests = [{ budget, key: 'key', cost: 1 }]
  const seen = [
    [4, 1],
    [3, 0],
    [2, 0],
    [1, 0],
    [0, 0],
  ] as const
  for (const [i, remaining] of seen.entries()) {
    const answer = await decide(store, 'consume', requests)
    assert.deepEqual([i, passing(answer), answer.remaining], [i, [true, i < 2], remaining])
  }
  const denied = await decide(store, 'consume', requests)
  assert.deepEqual(passing(denied), [false, false])
  // Each wait is that of its own rule: then it passes again.
  const [live = 0, shadow = 0] = denied.waits
  clock.advanceUs(Math.min(live, shadow))
  assert.equal(passing(await decide(store, 'peek', requests)).includes(true), true)
}

async function deniedSpendsNothing(subject: ContractSubject, rule: RuleOptions): Promise<void> {
  const { store, clock } = subject
  clock.set(START)
  const budget = withShadow(subject, { ...rule, limit: limited(rule, 1) }, other(rule, {}))
  const requests = [{ budget, key: 'key', cost: 1 }]
  assert.deepEqual((await decide(store, 'consume', requests)).remaining, [0, 4])
  for (let i = 0; i < 3; i++) {
    const denied = await decide(store, 'consume', requests)
    assert.deepEqual(
      [passing(denied), denied.remaining],
      [
        [false, true],
        [0, 4],
      ],
    )
  }
}

async function spendsTogether(subject: ContractSubject, rule: RuleOptions): Promise<void> {
  const { store, clock } = subject
  clock.set(START)
  const budget = policyInShadow(subject, [rule, other(rule, { limit: limited(rule, 2) })])
  const requests = [{ budget, key: 'key', cost: 1 }]
  for (const remaining of [
    [4, 1],
    [3, 0],
    [3, 0],
    [3, 0],
  ]) {
    assert.deepEqual((await decide(store, 'consume', requests)).remaining, remaining)
  }
}

async function changesRoles(subject: ContractSubject, rule: RuleOptions): Promise<void> {
  const { store, clock } = subject
  clock.set(START)
  const stricter = other(rule, { limit: limited(rule, 3) })
  const live = withShadow(subject, rule, stricter)
  const { policy } = live
  const [ruleOf, stricterOf] = compileRules([rule, stricter]) as [Rule, Rule]
  const swapped = budgetOf(policy, [...inShadow([ruleOf]), stricterOf])
  const shadowed = budgetOf(policy, [ruleOf, stricterOf], IN_SHADOW)
  const ask = async (budget: Budget): Promise<Answer> =>
    decide(store, 'consume', [{ budget, key: 'key', cost: 1 }])
  assert.deepEqual((await ask(live)).remaining, [4, 2])
  assert.deepEqual((await ask(swapped)).remaining, [3, 1])
  assert.deepEqual((await ask(shadowed)).remaining, [2, 0])
  const denied = await ask(swapped)
  assert.deepEqual(
    [passing(denied), denied.remaining],
    [
      [true, false],
      [2, 0],
    ],
  )
  assert.deepEqual((await ask(live)).remaining, [1, 0])
}

async function givesBack(subject: ContractSubject, rule: RuleOptions): Promise<void> {
  const { store, clock } = subject
  clock.set(START)
  const budget = withShadow(subject, rule, other(rule, { limit: limited(rule, 3) }))
  const request = { budget, key: 'key', cost: 2 }
  const first = await decide(store, 'consume', [request])
  const second = await decide(store, 'consume', [request])
  assert.deepEqual(
    [passing(second), second.remaining],
    [
      [true, false],
      [1, 1],
    ],
  )
  // The second spent under the enforced rule alone, and comes back there alone.
  const undone = [
    refundOf(request, first.receipts, subject.unique()),
    refundOf(request, second.receipts, subject.unique()),
  ]
  assert.deepEqual(await store.refund(undone), [2, 2])
  const after = await decide(store, 'consume', [{ ...request, cost: 0 }])
  assert.deepEqual(after.remaining, [5, 3])
  await decide(store, 'consume', [request])
  const credit = await decide(store, 'credit', [{ ...request, cost: 1 }])
  assert.deepEqual(
    [credit.waits, credit.remaining],
    [
      [1, 1],
      [4, 2],
    ],
  )
}

async function besideAnother(subject: ContractSubject): Promise<void> {
  const { store, clock } = subject
  clock.set(START)
  const live = budgetFor(subject, '3/min')
  const shadow = policyInShadow(subject, [
    { name: 'a', limit: '1/min' },
    { name: 'b', limit: '9/min' },
  ])
  const requests = [
    { budget: shadow, key: 'key', cost: 1 },
    { budget: live, key: 'key', cost: 1 },
  ]
  const seen = [
    [0, 8, 2],
    [0, 8, 1],
    [0, 8, 0],
    [0, 8, 0],
  ]
  for (const remaining of seen) {
    assert.deepEqual((await decide(store, 'consume', requests)).remaining, remaining)
  }
  clock.advanceUs(MINUTE)
  await decide(store, 'charge', [{ budget: live, key: 'key', cost: 3 }])
  const denied = await decide(store, 'consume', requests)
  assert.deepEqual(
    [passing(denied), denied.remaining],
    [
      [true, true, false],
      [1, 9, 0],
    ],
  )
}

async function peekInShadow(subject: ContractSubject): Promise<void> {
  const { store, clock } = subject
  clock.set(START)
  const budget = withShadow(subject, '5/min', { name: 'other', limit: '2/min' })
  const policy = policyInShadow(subject, [{ name: 'a', limit: '2/min' }, '9/min'])
  for (const requests of [
    [{ budget, key: 'key', cost: 1 }],
    [
      { budget, key: 'other', cost: 1 },
      { budget: policy, key: 'key', cost: 1 },
    ],
  ]) {
    for (let i = 0; i < 7; i++) {
      const peeks = [await decide(store, 'peek', requests), await decide(store, 'peek', requests)]
      const { waits, remaining, resets } = await decide(store, 'consume', requests)
      for (const peek of peeks) {
        assert.deepEqual([i, peek.waits, peek.remaining, peek.resets], [i, waits, remaining, resets])
      }
    }
  }
}

async function chargeInShadow(subject: ContractSubject): Promise<void> {
  const { store, clock } = subject
  clock.set(START)
  const budget = withShadow(subject, '5/min', { name: 'other', limit: '2/min' })
  const charged = await decide(store, 'charge', [{ budget, key: 'key', cost: 4 }])
  assert.deepEqual(
    [charged.waits, charged.remaining],
    [
      [0, 0],
      [1, 0],
    ],
  )
  const after = await decide(store, 'consume', [{ budget, key: 'key', cost: 0 }])
  assert.deepEqual(passing(after), [true, false])
  await store.reset([{ budget, key: 'key' }])
  assert.deepEqual((await decide(store, 'peek', [{ budget, key: 'key', cost: 0 }])).remaining, [5, 2])
}

async function both(subject: ContractSubject): Promise<void> {
  const { store, clock } = subject
  clock.set(START)
  const [a, b, c] = compileRules([
    { name: 'a', limit: '1/min' },
    { name: 'b', limit: '5/min' },
    { name: 'c', limit: '3/min' },
  ]) as [Rule, Rule, Rule]
  const budget = budgetOf(subject.unique(), [a, b, { ...c, shadow: true }], IN_SHADOW)
  const requests = [{ budget, key: 'key', cost: 1 }]
  for (const remaining of [
    [0, 4, 2],
    [0, 4, 1],
    [0, 4, 0],
    [0, 4, 0],
  ]) {
    assert.deepEqual((await decide(store, 'consume', requests)).remaining, remaining)
  }
}

async function refundAnswers(subject: ContractSubject): Promise<void> {
  const { store, clock } = subject
  clock.set(START)
  const bucket = { algorithm: 'token-bucket', limit: '10/10s' } as const
  const budget = withShadow(
    subject,
    { ...bucket, name: 'slow', limit: '10/min' },
    { ...bucket, name: 'quick' },
  )
  const request = { budget, key: 'key', cost: 5 }
  const { receipts } = await decide(store, 'consume', [request])
  // Of the spend 3 of 5 units have drained from the quick bucket, and none of the slow one.
  clock.advanceUs(3_000_000)
  const [slow, quick] = receipts
  const [inBoth, inShadow] = [subject.unique(), subject.unique()]
  assert.deepEqual(await store.refund([refundOf({ ...request, cost: 1 }, [undefined, quick], inShadow)]), [1])
  assert.deepEqual(await store.refund([refundOf({ ...request, cost: 4 }, [slow, quick], inBoth)]), [4])
}
