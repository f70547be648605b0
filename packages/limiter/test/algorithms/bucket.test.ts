import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type RuleReceipt, VERDICT_SIZE } from '../../src/core/algorithm.ts'
import { type BucketTerms, bucket } from '../../src/core/algorithms/bucket.ts'
import { STATE_MAX } from '../../src/core/arithmetic.ts'
import { compileRule, type Rule } from '../../src/core/rule.ts'
import { ruleReceiptOf } from '../../src/core/rule-receipt.ts'
import { expectExactWaits, play } from '../oracle/play.ts'

const S = 1_000_000
const compile = (limit: string, burst: number): Rule => compileRule({ limit, burst }, 'rule')
const terms = (limit: string, burst: number): BucketTerms => compile(limit, burst).terms as BucketTerms

/** The numbers of a bucket's state, by name. */
function stateOf({ incarnation = 2, returned = 0, used = 0, at = 0 }): Float64Array {
  return new Float64Array([incarnation, returned, used, at])
}

describe('bucket', () => {
  it('admits its burst at once, then a unit whenever one has drained', () => {
    play(compile('10/s', 3), [
      { at: 0, cost: 3, wait: 0, remaining: 0, reset: 300_000 },
      { at: 0, cost: 1, wait: 100_000, remaining: 0, reset: 300_000 },
      { at: 99_999, cost: 1, wait: 1, remaining: 0, reset: 200_001 },
      { at: 100_000, cost: 1, wait: 0, remaining: 0, reset: 300_000 },
      { at: 300_000, cost: 2, wait: 0, remaining: 0, reset: 300_000 },
      { at: 10 * S, cost: 0, wait: 0, remaining: 3, reset: 0 },
      { at: 10 * S, cost: 4, wait: -1, remaining: 3, reset: 0 },
    ])
  })

  it('drains fractions exactly: 3 a second are one every 333,333⅓ µs', () => {
    play(compile('3/s', 2), [
      { at: 0, cost: 2, wait: 0, remaining: 0, reset: 666_667 },
      { at: 333_333, cost: 1, wait: 1, remaining: 0, reset: 333_334 },
      { at: 333_334, cost: 1, wait: 0, remaining: 0, reset: 666_666 },
      { at: 666_667, cost: 1, wait: 0, remaining: 0, reset: 666_667 },
      { at: 1_000_000, cost: 1, wait: 0, remaining: 0, reset: 666_667 },
    ])
  })

  it.each<[string, number, Partial<BucketTerms>]>([
    ['10/s', 20, { drain: 1, unit: 100_000, capacity: 2_000_000, quantum: 1 }],
    ['7/min', 7, { drain: 7, unit: 60_000_000, quantum: 1 }],
    ['1000000000000/s', 1, { drain: 1_000_000, unit: 1, quantum: 1 }],
    ['1000000007/day', 1_000_000_007, { drain: 1_000_000_007, unit: 86_400, quantum: S }],
    ['1/100y', 1, { drain: 1, quantum: 1000 }],
  ])('reckons %s in the finest quantum that fits', (limit, burst, expected) => {
    expect(terms(limit, burst)).toMatchObject(expected)
  })

  it.each([
    ['9007199254740991/s', 9_007_199_254_740_991],
    ['9007199254740991/999ms', 1],
    ['1/100y', 9_007_199_254_740_991],
  ])('refuses %s with a burst of %i, which fits none', (limit, burst) => {
    expect(() => compile(limit, burst)).toThrow(
      expect.objectContaining({
        code: 'invalid-rule',
        path: 'rule',
        message: expect.stringContaining('is too fine'),
      }),
    )
  })

  it.each([
    ['another burst', '10/s', 20, true],
    ['the same rate in other numbers', '600/min', 600, true],
    ['another rate', '11/s', 3, false],
  ])('shares its state with %s: %s, burst %i', (_, limit, burst, isShared) => {
    expect(bucket.identity(terms(limit, burst)) === bucket.identity(terms('10/s', 3))).toBe(isShared)
  })

  it('saturates debt instead of losing count', () => {
    const t = terms('10/s', 3)
    const state = stateOf({ incarnation: 0 })
    bucket.spend(t, state, 0, 0, Number.MAX_SAFE_INTEGER, 2)
    expect(Array.from(state)).toEqual([2, 0, t.ceiling, 0])
    expect(bucket.used(t, state, 0, 0)).toBe(Math.ceil(t.ceiling / t.unit))
  })

  it('counts a state of the future from now on', () => {
    const t = terms('10/s', 3)
    const state = stateOf({ used: 200_000, at: 5 * S })
    expect(bucket.isFuture(t, state, 0, S)).toBe(true)
    bucket.advance(t, state, 0, S)
    expect(Array.from(state)).toEqual([2, 0, 200_000, S])
    expect(bucket.isFuture(t, state, 0, S)).toBe(false)
    expect(bucket.waitFor(t, state, 0, S, 2)).toBe(100_000)
  })

  it('is a fresh one once it has drained: the next spend begins another record', () => {
    const t = terms('10/s', 3)
    const state = stateOf({ returned: 7, used: 200_000 })
    bucket.advance(t, state, 0, 199_999)
    expect(Array.from(state)).toEqual([2, 7, 1, 199_999])
    bucket.advance(t, state, 0, 200_000)
    expect(Array.from(state)).toEqual([0, 0, 0, 200_000])
    bucket.spend(t, state, 0, 200_000, 1, 4)
    expect(Array.from(state)).toEqual([4, 0, 100_000, 200_000])
  })

  it.each([
    { name: 'at once', spent: 2, later: 0, since: 0, units: 2, used: 0 },
    { name: 'a unit and a half of which is left', spent: 2, later: 50_000, since: 0, units: 1, used: 0 },
    { name: 'that has drained', spent: 2, later: 200_000, since: 0, units: 0, used: 0 },
    { name: 'after which as much was given back', spent: 2, later: 0, since: 200_000, units: 0, used: 0 },
  ])('gives back of a spend $name', ({ spent, later, since, units, used }) => {
    const t = terms('10/s', 3)
    const state = stateOf({ incarnation: 0 })
    const receipt = spend(t, state, 0, spent)
    bucket.advance(t, state, 0, later)
    state[1] = since
    state[2] = Math.max(0, (state[2] as number) - since)
    expect(bucket.refund(t, state, 0, later, spent, receipt)).toBe(units)
    expect(state[2]).toBe(used)
  })

  it('gives back first in, first out: what stood before a spend drains before it', () => {
    const t = terms('10/s', 20)
    const state = stateOf({ incarnation: 0 })
    spend(t, state, 0, 15)
    const receipt = spend(t, state, 100_000, 5)
    spend(t, state, 200_000, 1)
    bucket.advance(t, state, 0, 300_000)
    expect(bucket.refund(t, state, 0, 300_000, 5, receipt)).toBe(5)
    expect(Array.from(state)).toEqual([2, 500_000, 1_300_000, 300_000])
  })

  it('credits what is used, and no more', () => {
    const t = terms('10/s', 3)
    const state = stateOf({ used: 250_000 })
    expect(bucket.credit(t, state, 0, 0, 1)).toBe(1)
    expect(Array.from(state)).toEqual([2, 100_000, 150_000, 0])
    expect(bucket.credit(t, state, 0, 0, 9)).toBe(1)
    expect(Array.from(state)).toEqual([2, 250_000, 0, 0])
  })

  it('begins a count of what was given back anew, and with it the record, where it would leave 2^52', () => {
    const t = terms('10/s', 3)
    const state = stateOf({ returned: STATE_MAX - 99_999, used: 200_000 })
    expect(bucket.credit(t, state, 0, 0, 1)).toBe(1)
    expect(Array.from(state)).toEqual([0, 0, 100_000, 0])
  })

  it.each([
    { used: 150_001, units: 2 },
    { used: 300_000, units: 3 },
    { used: 3_000_000, units: 5 },
  ])('begins another rate with $used sub-units as $units units', ({ used, units }) => {
    const [from, to] = [terms('10/s', 3), terms('7/min', 5)]
    const target = new Float64Array(4)
    bucket.carry?.(from, stateOf({ used }), to, target, 0, S)
    expect(Array.from(target)).toEqual([0, 0, units * to.unit, S])
  })

  it('waits exactly as long as it says', () => {
    const question = fc.record({ gap: fc.nat(400_000), cost: fc.integer({ min: 1, max: 4 }) })
    fc.assert(
      fc.property(fc.array(question, { maxLength: 20 }), (questions) =>
        expectExactWaits(compile('7/s', 4), questions),
      ),
    )
  })

  it.each([
    { name: 'fits what remains', wait: 0, remaining: 2, cost: 2, before: 1, expected: 0 },
    { name: 'is more than remains', wait: 0, remaining: 2, cost: 3, before: 1, expected: 100_000 },
    { name: 'is more than was denied', wait: 40_000, remaining: 0, cost: 3, before: 1, expected: 240_000 },
    { name: 'is more than ever fits', wait: 0, remaining: 2, cost: 4, before: 1, expected: -1 },
  ])('tells the wait of a cost that $name', ({ wait, remaining, cost, before, expected }) => {
    const verdict = { wait, remaining, reset: 0 }
    expect(bucket.waitForMore(terms('10/s', 3), verdict, cost, before)).toBe(expected)
  })
})

function spend(t: BucketTerms, state: Float64Array, now: number, cost: number): RuleReceipt {
  bucket.advance(t, state, 0, now)
  bucket.spend(t, state, 0, now, cost, 2)
  const numbers = new Float64Array(VERDICT_SIZE)
  bucket.receipt(t, state, 0, numbers, 3)
  return ruleReceiptOf(numbers, 0, now)
}
