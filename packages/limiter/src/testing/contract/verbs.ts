import assert from 'node:assert/strict'
import type { RuleOptions } from '../../core/rule.ts'
import { budgetFor, type ContractCase, type ContractSubject, decide, play, S, START, table } from './case.ts'

/** One rule of every algorithm, each with a limit of 5 in 10 seconds. */
export const everyRule: Readonly<Record<string, RuleOptions>> = {
  'token bucket': { name: 'rule', algorithm: 'token-bucket', limit: '5/10s' },
  'first-hit window': { name: 'rule', algorithm: 'fixed-window', limit: '5/10s' },
  'epoch window': { name: 'rule', algorithm: 'fixed-window', limit: '5/10s', align: 'epoch' },
  'calendar window': { name: 'rule', algorithm: 'fixed-window', limit: '5/min', align: 'calendar' },
  'sliding window': { name: 'rule', limit: '5/10s' },
  'sliding log': { name: 'rule', algorithm: 'sliding-log', limit: '5/10s' },
}

/** The same case for every algorithm. */
export function forEvery(
  name: string,
  run: (subject: ContractSubject, rule: RuleOptions) => Promise<void>,
): ContractCase[] {
  return Object.entries(everyRule).map(([algorithm, rule]) => ({
    name: `${algorithm}: ${name}`,
    run: (subject) => run(subject, rule),
  }))
}

export const verbCases: readonly ContractCase[] = [
  ...forEvery('peek gives the answer consume gives, and changes nothing', peekIsPure),
  ...forEvery('a cost of 0 passes unless the budget is in debt, and spends nothing', costZero),
  ...forEvery('reset forgets spends and debt', resetForgets),
  ...forEvery('retry-after is exact: then the call passes, a microsecond earlier it does not', retryIsExact),
  ...forEvery('reset-after is exact: then the budget is as new', resetIsExact),
  ...forEvery('denials neither spend nor lengthen a wait', denialsAreFree),
  table('a peek beyond the budget says what consume would say', { algorithm: 'token-bucket', limit: '2/s' }, [
    [0, 'peek', 3, -1, 2, 0],
    [0, 'peek', 2, 0, 0, S],
    [0, 'consume', 2, 0, 0, S],
    [0, 'peek', 1, S / 2, 0, S],
    [S / 2, 'peek', 1, 0, 0, S],
  ]),
]

async function peekIsPure(subject: ContractSubject, rule: RuleOptions): Promise<void> {
  const { store, clock } = subject
  const budget = budgetFor(subject, rule)
  for (const [i, cost] of [0, 2, 4, 1, 0, 2, 6, 1, 5].entries()) {
    clock.set(START + i * 1_234_567)
    const ask = [{ budget, key: 'key', cost }]
    const peeks = [await decide(store, 'peek', ask), await decide(store, 'peek', ask)]
    const consumed = await decide(store, 'consume', ask)
    for (const { numbers } of peeks) {
      assert.deepEqual([i, ...numbers], [i, ...consumed.numbers])
    }
  }
}

async function costZero(subject: ContractSubject, rule: RuleOptions): Promise<void> {
  const { store, clock } = subject
  const ask = { budget: budgetFor(subject, rule), key: 'key' }
  await play(subject, ask, [[0, 'consume', 0, 0, 5, 0]])
  await decide(store, 'consume', [{ ...ask, cost: 5 }])
  const full = await decide(store, 'consume', [{ ...ask, cost: 0 }])
  assert.deepEqual(full.numbers.slice(0, 2), [0, 0])
  await decide(store, 'charge', [{ ...ask, cost: 1 }])
  const [wait = 0] = (await decide(store, 'consume', [{ ...ask, cost: 0 }])).numbers
  assert.ok(wait > 0, 'a budget in debt denies even a cost of 0')
  clock.advance(wait)
  const { numbers } = await decide(store, 'consume', [{ ...ask, cost: 0 }])
  assert.equal(numbers[0], 0, 'out of debt after the wait')
}

async function resetForgets(subject: ContractSubject, rule: RuleOptions): Promise<void> {
  const { store, clock } = subject
  clock.set(START)
  const ask = { budget: budgetFor(subject, rule), key: 'key' }
  const other = { ...ask, key: 'other' }
  await decide(store, 'charge', [
    { ...ask, cost: 9 },
    { ...other, cost: 2 },
  ])
  await store.reset([ask])
  await play(subject, ask, [[0, 'peek', 0, 0, 5, 0]])
  const { numbers } = await decide(store, 'peek', [{ ...other, cost: 0 }])
  assert.equal(numbers[1], 3, 'other keys keep their state')
  await store.reset([ask])
  await store.reset([ask, other])
  await play(subject, other, [[0, 'peek', 0, 0, 5, 0]])
}

async function retryIsExact(subject: ContractSubject, rule: RuleOptions): Promise<void> {
  const { store, clock } = subject
  const budget = budgetFor(subject, rule)
  clock.set(START)
  let denials = 0
  for (let i = 0; i < 25; i++) {
    const ask = [{ budget, key: 'key', cost: 1 + ((i * 7) % 4) }]
    clock.advance(137_911 * (i % 5))
    const [wait = 0] = (await decide(store, 'consume', ask)).numbers
    if (wait === 0) continue
    denials++
    clock.advance(wait - 1)
    assert.equal(
      (await decide(store, 'consume', ask)).numbers[0],
      1,
      `a microsecond before the end of wait ${i}`,
    )
    clock.advance(1)
    assert.equal((await decide(store, 'consume', ask)).numbers[0], 0, `at the end of wait ${i}`)
  }
  assert.ok(denials >= 5, 'the case meets denials')
}

async function resetIsExact(subject: ContractSubject, rule: RuleOptions): Promise<void> {
  const { store, clock } = subject
  clock.set(START + 3_333_333)
  const ask = { budget: budgetFor(subject, rule), key: 'key' }
  await decide(store, 'consume', [{ ...ask, cost: 2 }])
  clock.advance(1_000_001)
  const { numbers } = await decide(store, 'consume', [{ ...ask, cost: 3 }])
  const reset = numbers[2] as number
  clock.advance(reset - 1)
  const before = await decide(store, 'peek', [{ ...ask, cost: 0 }])
  assert.equal(before.numbers[2], 1)
  clock.advance(1)
  const { numbers: then } = await decide(store, 'peek', [{ ...ask, cost: 0 }])
  assert.deepEqual(then, [0, 5, 0])
}

async function denialsAreFree(subject: ContractSubject, rule: RuleOptions): Promise<void> {
  const { store, clock } = subject
  clock.set(START)
  const ask = { budget: budgetFor(subject, rule), key: 'key' }
  await decide(store, 'consume', [{ ...ask, cost: 4 }])
  const [wait = 0] = (await decide(store, 'consume', [{ ...ask, cost: 4 }])).numbers
  const until = clock.now() + wait
  while (clock.now() + 250_000 < until) {
    clock.advance(250_000)
    const [left] = (await decide(store, 'consume', [{ ...ask, cost: 4 }])).numbers
    assert.equal(left, until - clock.now(), 'the wait only counts down')
    await decide(store, 'consume', [{ ...ask, cost: 6 }])
  }
  clock.set(until)
  assert.equal((await decide(store, 'consume', [{ ...ask, cost: 4 }])).numbers[0], 0)
}
