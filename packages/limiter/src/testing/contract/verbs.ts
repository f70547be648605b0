import assert from 'node:assert/strict'
import type { RuleOptions } from '../../core/rule.ts'
import { budgetFor, type ContractCase, type ContractSubject, decide, S, START } from './case.ts'
import { play, table } from './case-table.ts'

/** One rule for each algorithm, with a limit of 5 in 10 seconds (of the calendar 5 in a minute). */
export const everyRule: Readonly<Record<string, RuleOptions>> = {
  'token bucket': { name: 'rule', algorithm: 'token-bucket', limit: '5/10s' },
  'first-hit window': { name: 'rule', algorithm: 'fixed-window', limit: '5/10s' },
  'epoch window': { name: 'rule', algorithm: 'fixed-window', limit: '5/10s', align: 'epoch' },
  'calendar window': { name: 'rule', algorithm: 'fixed-window', limit: '5/min', align: 'calendar' },
  'sliding window': { name: 'rule', limit: '5/10s', segments: 4 },
  'sliding log': { name: 'rule', algorithm: 'sliding-log', limit: '5/10s' },
}

/** One case for each algorithm. */
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
    { at: 0, peek: 3, wait: -1, remaining: 2, reset: 0 },
    { at: 0, peek: 2, wait: 0, remaining: 0, reset: S },
    { at: 0, consume: 2, wait: 0, remaining: 0, reset: S },
    { at: 0, peek: 1, wait: S / 2, remaining: 0, reset: S },
    { at: S / 2, peek: 1, wait: 0, remaining: 0, reset: S },
  ]),
]

async function peekIsPure(subject: ContractSubject, rule: RuleOptions): Promise<void> {
  const { store, clock } = subject
  const budget = budgetFor(subject, rule)
  for (const [i, cost] of [0, 2, 4, 1, 0, 2, 6, 1, 5].entries()) {
    clock.set(START + i * 1_234_567)
    const requests = [{ budget, key: 'key', cost }]
    const peeks = [await decide(store, 'peek', requests), await decide(store, 'peek', requests)]
    const consumed = await decide(store, 'consume', requests)
    for (const { waits, remaining, resets } of peeks) {
      const { waits: wait, remaining: left, resets: reset } = consumed
      assert.deepEqual([i, waits, remaining, resets], [i, wait, left, reset])
    }
  }
}

async function costZero(subject: ContractSubject, rule: RuleOptions): Promise<void> {
  const { store, clock } = subject
  const budget = budgetFor(subject, rule)
  await play(subject, budget, [
    { at: 0, consume: 0, wait: 0, remaining: 5, reset: 0 },
    { at: 0, consume: 5, wait: 0, remaining: 0 },
    { at: 0, consume: 0, wait: 0, remaining: 0 },
    { at: 0, charge: 1, wait: 0, remaining: 0 },
  ])
  const request = { budget, key: 'key', cost: 0 }
  const [wait = 0] = (await decide(store, 'consume', [request])).waits
  assert.ok(wait > 0, 'a budget in debt denies even a cost of 0')
  clock.advanceUs(wait)
  assert.deepEqual((await decide(store, 'consume', [request])).waits, [0], 'out of debt after the wait')
}

async function resetForgets(subject: ContractSubject, rule: RuleOptions): Promise<void> {
  const { store, clock } = subject
  clock.set(START)
  const request = { budget: budgetFor(subject, rule), key: 'key' }
  const other = { ...request, key: 'other' }
  await decide(store, 'charge', [
    { ...request, cost: 9 },
    { ...other, cost: 2 },
  ])
  await store.reset([request])
  await play(subject, request.budget, [{ at: 0, peek: 0, wait: 0, remaining: 5, reset: 0 }])
  const { remaining } = await decide(store, 'peek', [{ ...other, cost: 0 }])
  assert.deepEqual(remaining, [3], 'other keys keep their state')
  await store.reset([request])
  await store.reset([request, other])
  assert.deepEqual((await decide(store, 'peek', [{ ...other, cost: 0 }])).remaining, [5])
}

async function retryIsExact(subject: ContractSubject, rule: RuleOptions): Promise<void> {
  const { store, clock } = subject
  const budget = budgetFor(subject, rule)
  clock.set(START)
  let denials = 0
  for (let i = 0; i < 25; i++) {
    const requests = [{ budget, key: 'key', cost: 1 + ((i * 7) % 4) }]
    clock.advanceUs(137_911 * (i % 5))
    const [wait = 0] = (await decide(store, 'consume', requests)).waits
    if (wait === 0) continue
    denials++
    clock.advanceUs(wait - 1)
    const early = await decide(store, 'consume', requests)
    assert.deepEqual(early.waits, [1], `a microsecond before the end of wait ${i}`)
    clock.advanceUs(1)
    assert.deepEqual((await decide(store, 'consume', requests)).waits, [0], `at the end of wait ${i}`)
  }
  assert.ok(denials >= 5, 'the case meets denials')
}

async function resetIsExact(subject: ContractSubject, rule: RuleOptions): Promise<void> {
  const { store, clock } = subject
  clock.set(START + 3_333_333)
  const request = { budget: budgetFor(subject, rule), key: 'key' }
  await decide(store, 'consume', [{ ...request, cost: 2 }])
  clock.advanceUs(1_000_001)
  const [reset = 0] = (await decide(store, 'consume', [{ ...request, cost: 3 }])).resets
  clock.advanceUs(reset - 1)
  assert.deepEqual((await decide(store, 'peek', [{ ...request, cost: 0 }])).resets, [1])
  clock.advanceUs(1)
  const { waits, remaining, resets } = await decide(store, 'peek', [{ ...request, cost: 0 }])
  assert.deepEqual([waits, remaining, resets], [[0], [5], [0]])
}

async function denialsAreFree(subject: ContractSubject, rule: RuleOptions): Promise<void> {
  const { store, clock } = subject
  clock.set(START)
  const request = { budget: budgetFor(subject, rule), key: 'key' }
  await decide(store, 'consume', [{ ...request, cost: 4 }])
  const [wait = 0] = (await decide(store, 'consume', [{ ...request, cost: 4 }])).waits
  const until = clock.now() + wait
  while (clock.now() + 250_000 < until) {
    clock.advanceUs(250_000)
    const { waits } = await decide(store, 'consume', [{ ...request, cost: 4 }])
    assert.deepEqual(waits, [until - clock.now()], 'the wait only counts down')
    await decide(store, 'consume', [{ ...request, cost: 6 }])
  }
  clock.set(until)
  assert.deepEqual((await decide(store, 'consume', [{ ...request, cost: 4 }])).waits, [0])
}
