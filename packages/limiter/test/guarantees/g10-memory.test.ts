import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { REMAINING, VERDICT_SIZE, WAIT } from '../../src/core/algorithm.ts'
import { budgetOf } from '../../src/core/budget.ts'
import { compileRule } from '../../src/core/rule.ts'
import type { SyncStore } from '../../src/core/store.ts'
import { memoryStore } from '../../src/stores/memory/index.ts'
import { type ManualClock, manualClock } from '../../src/testing/manual-clock.ts'
import { InTurn } from '../shared-memory/in-turn.ts'
import { freshBudget } from './arbitraries.ts'

const S = 1_000_000

/** A store of at most so many keys, which tells how many it has. */
type Counted = SyncStore & { stats(): { keys: number; overflowed: number } }
type Make = (options: { clock: ManualClock; maxKeys?: number }) => Counted

/** With the share of examples that each is given. */
const stores: readonly (readonly [name: string, share: number, make: Make])[] = [
  ['memory', 1, memoryStore],
  ['memory that threads share', 0.3, ({ clock, ...options }) => new InTurn(clock, options)],
]

describe.each(stores)('G10 bounded memory, on %s', (_, share, make) => {
  it('a flood of keys takes no more memory than the cap allows', () => {
    const store = make({ clock: manualClock(), maxKeys: 20_000 })
    const budget = freshBudget({ algorithm: 'token-bucket', limit: '10/min' })
    const flood = (from: number, to: number): number => {
      for (let i = from; i < to; i++) store.decideSync('consume', [{ budget, key: `key-${i}`, cost: 1 }])
      return process.memoryUsage().arrayBuffers
    }
    const full = flood(0, 30_000)
    const flooded = flood(30_000, 400_000)
    expect(store.stats().keys).toBe(20_000)
    // 1,024 shared records, each under the limit of 10; everything else was denied.
    expect(store.stats().overflowed).toBe(10_240)
    expect(flooded - full).toBeLessThan(100_000)
  })

  it('whatever keys come, there are at most maxKeys of them and each gets at most its budget', () => {
    const question = fc.record({ key: fc.nat(60), cost: fc.integer({ min: 1, max: 3 }), seconds: fc.nat(4) })
    const questions = fc.array(question, { minLength: 50, maxLength: 400 })
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), questions, (maxKeys, list) => {
        const clock = manualClock()
        const store = make({ clock, maxKeys })
        const bucket = freshBudget({ algorithm: 'token-bucket', limit: '6/min', burst: 4 })
        const log = freshBudget({ algorithm: 'sliding-log', limit: '4/min' })
        const spends = new Map<string, { at: number; cost: number }[]>()
        for (const [i, { key, cost, seconds }] of list.entries()) {
          clock.advanceUs(seconds * S)
          // One or both policies, in either order, so that a key is met in every place of a decision.
          const requests = [bucket, log].map((budget) => ({ budget, key: `key-${key}`, cost }))
          if (i % 3 === 0) requests.pop()
          if (i % 3 === 1) requests.reverse()
          const { numbers } = store.decideSync('consume', requests)
          expect(store.stats().keys).toBeLessThanOrEqual(maxKeys)
          if (requests.some((_, a) => numbers[a * VERDICT_SIZE] !== 0)) continue
          for (const { budget } of requests) {
            const name = `${budget.policy} ${key}`
            spends.set(name, [...(spends.get(name) ?? []), { at: clock.now(), cost }])
          }
        }
        for (const [name, list] of spends) {
          const bound = name.startsWith(bucket.policy) ? (us: number) => 4 + (6 * us) / (60 * S) : () => 4
          expect(name + excess(list, bound, 60 * S)).toBe(name)
        }
      }),
      { numRuns: 150 * share },
    )
  })

  it('nobody clears their own record by flooding', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 300 }), (maxKeys, strangers) => {
        const store = make({ clock: manualClock(), maxKeys })
        const budget = freshBudget({ limit: '3/min' })
        const waitOf = (key: string, cost: number): number =>
          Number(store.decideSync('consume', [{ budget, key, cost }]).numbers[WAIT])
        expect(waitOf('mine', 3)).toBe(0)
        for (let i = 0; i < strangers; i++) waitOf(`stranger-${i}`, 1)
        expect(waitOf('mine', 1)).toBeGreaterThan(0)
      }),
      { numRuns: 60 * share },
    )
  })

  it('a newcomer at the cap who gets a record of its own later inherits what it spent before', () => {
    const clock = manualClock()
    const store = make({ clock, maxKeys: 2 })
    const short = freshBudget({ algorithm: 'token-bucket', limit: '1/s' })
    const long = freshBudget({ algorithm: 'token-bucket', limit: '5/day' })
    for (const key of ['a', 'b']) store.decideSync('consume', [{ budget: short, key, cost: 1 }])
    const newcomer = { budget: long, key: 'newcomer' }
    store.decideSync('consume', [{ ...newcomer, cost: 3 }])
    const { keys, overflowed } = store.stats()
    expect({ keys, overflowed }).toEqual({ keys: 2, overflowed: 1 })
    clock.advance('2s')
    // The short ones have recovered, so their room is free.
    for (let i = 0; i < 3; i++) store.decideSync('consume', [{ ...newcomer, cost: 1 }])
    expect(store.stats().overflowed).toBe(1)
    expect(store.decideSync('peek', [{ ...newcomer, cost: 0 }]).numbers[REMAINING]).toBe(0)
  })

  it('a key that leaves an overflow record by one call is found in its own by every other', () => {
    const clock = manualClock()
    const store = make({ clock, maxKeys: 2 })
    const short = freshBudget({ algorithm: 'token-bucket', limit: '1/s' })
    const long = freshBudget({ algorithm: 'token-bucket', limit: '9/day' })
    const other = freshBudget({ algorithm: 'token-bucket', limit: '1000/day' })
    const mine = { budget: long, key: 'mine', cost: 1 }
    const beside = { budget: other, key: 'beside', cost: 1 }
    for (const key of ['a', 'b']) store.decideSync('consume', [{ budget: short, key, cost: 1 }])
    const left = (): number => Number(store.decideSync('peek', [{ ...mine, cost: 0 }]).numbers[REMAINING])
    // Second in its decision while it shares an overflow record, alone when it gets its own, then second again.
    store.decideSync('consume', [beside, mine])
    clock.advance('2s')
    store.decideSync('consume', [mine])
    store.decideSync('consume', [beside, mine])
    expect(left()).toBe(6)
  })

  it('windows computed for every call neither pile up nor break the records they were written in', () => {
    const clock = manualClock()
    const store = make({ clock })
    const { policy, rules } = freshBudget({ name: 'rule', limit: '1000000/day' })
    const base = budgetOf(policy, rules)
    for (let i = 0; i < 5000; i++) {
      // Two windows never seen before in one decision, of keys that all have the configured one as well.
      const requests = [1, 2].map((n) => {
        const limit = { limit: 10, window: 1 + 2 * i + n }
        const rule = compileRule({ name: 'rule', limit }, 'rule', { byCall: true })
        return { budget: budgetOf(policy, [rule], { inForce: rules }), key: `key-${(i * n) % 7}`, cost: n }
      })
      const [first, second] = requests
      if (first?.key === second?.key) continue
      store.decideSync('consume', requests)
      store.decideSync('consume', [{ budget: base, key: `key-${i % 7}`, cost: 1 }])
      clock.advance(5)
    }
    const used = [0, 1, 2, 3, 4, 5, 6].map((i) => {
      const { numbers } = store.decideSync('peek', [{ budget: base, key: `key-${i}`, cost: 0 }])
      return 1_000_000 - Number(numbers[REMAINING])
    })
    expect(used.reduce((sum, units) => sum + units, 0)).toBe(4285)
    expect(store.stats().keys).toBe(6)
  })
})

describe('G10 bounded memory', () => {
  it('timers and objects do not grow with keys: the store has nothing to close', () => {
    const store = memoryStore({ maxKeys: 1000 })
    const budget = budgetOf('p', [compileRule('1/min', 'rule')])
    const consume = (key: string) => store.decideSync('consume', [{ budget, key, cost: 1 }])
    const before = process.getActiveResourcesInfo().length
    for (let i = 0; i < 5000; i++) consume(`key-${i}`)
    // At most one more: by it the clock notices the end of the turn.
    expect(process.getActiveResourcesInfo().length).toBeLessThanOrEqual(before + 1)
  })
})

/** The first interval with more than its bound, as text; empty when there is none. */
function excess(
  list: readonly { at: number; cost: number }[],
  bound: (us: number) => number,
  within: number,
): string {
  for (const [first, from] of list.entries()) {
    let units = 0
    for (const { at, cost } of list.slice(first)) {
      if (at - from.at >= within) break
      units += cost
      if (units > bound(at - from.at)) return `: ${units} units in ${at - from.at} µs`
    }
  }
  return ''
}
