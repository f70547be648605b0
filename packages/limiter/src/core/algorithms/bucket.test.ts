import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compileRule, type Rule } from '../rule.ts'
import { type BucketTerms, bucket } from './bucket.ts'

const S = 1_000_000
const compile = (limit: string, burst: number): Rule => compileRule({ limit, burst }, 'rule')
const terms = (limit: string, burst: number): BucketTerms => compile(limit, burst).terms as BucketTerms
const stateOf = (used: number, at: number): Float64Array => new Float64Array([used, at])

describe('bucket', () => {
  it('admits its burst at once, then a unit whenever one has drained', () => {
    play(compile('10/s', 3), [
      [0, 3, 0, 0, 300_000],
      [0, 1, 100_000, 0, 300_000],
      [99_999, 1, 1, 0, 200_001],
      [100_000, 1, 0, 0, 300_000],
      [300_000, 2, 0, 0, 300_000],
      [10 * S, 0, 0, 3, 0],
      [10 * S, 4, -1, 3, 0],
    ])
  })

  it('drains fractions exactly: 3 a second are one every 333,333⅓ µs', () => {
    play(compile('3/s', 2), [
      [0, 2, 0, 0, 666_667],
      [333_333, 1, 1, 0, 333_334],
      [333_334, 1, 0, 0, 666_666],
      [666_667, 1, 0, 0, 666_667],
      [1_000_000, 1, 0, 0, 666_667],
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

  it('saturates debt instead of losing count', () => {
    const t = terms('10/s', 3)
    const state = stateOf(0, 0)
    bucket.spend(t, state, 0, 0, Number.MAX_SAFE_INTEGER)
    expect(state[0]).toBe(t.ceiling)
    expect(bucket.used(t, state, 0, 0)).toBe(Math.ceil(t.ceiling / t.unit))
  })

  it('counts a state of the future from now on', () => {
    const t = terms('10/s', 3)
    const state = stateOf(200_000, 5 * S)
    expect(bucket.ahead(t, state, 0, S)).toBe(true)
    expect(bucket.judge(t, state, 0, S, 2)).toBe(100_000)
    expect(Array.from(state)).toEqual([200_000, S])
    expect(bucket.ahead(t, state, 0, S)).toBe(false)
  })

  it.each<[string, number, number, number]>([
    ['at once', 0, 2, 0],
    ['half drained', 150_000, 2, 0],
    ['drained', 200_000, 2, 0],
  ])('gives back %s no more than is still charged', (_, later, cost, used) => {
    const t = terms('10/s', 3)
    const state = stateOf(0, 0)
    bucket.spend(t, state, 0, 0, cost)
    bucket.judge(t, state, 0, later, 0)
    bucket.refund(t, state, 0, later, cost, { takenAtUs: 0, recoveredAtUs: 200_000 })
    expect(state[0]).toBe(used)
  })

  it('takes nothing of a later spend for an earlier one that has drained', () => {
    const t = terms('10/s', 3)
    const state = stateOf(0, 0)
    bucket.spend(t, state, 0, 0, 1)
    bucket.judge(t, state, 0, 100_000, 0)
    bucket.spend(t, state, 0, 100_000, 2)
    bucket.refund(t, state, 0, 100_000, 1, { takenAtUs: 0, recoveredAtUs: 100_000 })
    expect(bucket.used(t, state, 0, 100_000)).toBe(2)
  })

  it('writes what a fresh key spends as spent just now', () => {
    const t = terms('10/s', 3)
    const state = stateOf(0, 0)
    bucket.judge(t, state, 0, S, 0)
    bucket.spend(t, state, 0, S, 2)
    expect(Array.from(state)).toEqual([200_000, S])
  })

  it('converts a state to other terms, its units rounded up', () => {
    const [from, to] = [terms('10/s', 3), terms('7/min', 5)]
    const target = stateOf(0, 0)
    expect(bucket.convert(from, stateOf(150_001, S), to, target, 0)).toBe(true)
    expect(Array.from(target)).toEqual([60 * S + Math.ceil((50_001 * 60 * S) / 100_000), S])
  })

  it('waits exactly as long as it says', () => {
    const question = fc.record({ gap: fc.nat(400_000), cost: fc.integer({ min: 1, max: 4 }) })
    fc.assert(
      fc.property(fc.array(question, { maxLength: 20 }), ([...questions]) => {
        const rule = compile('7/s', 4)
        const state = new Float64Array(2)
        let now = 0
        for (const { gap, cost } of questions) {
          now += gap
          const [wait = 0] = ask(rule, state, now, cost)
          if (wait === 0) continue
          expect(ask(rule, state.slice(), now + wait - 1, cost)[0]).toBe(1)
          expect(ask(rule, state.slice(), now + wait, cost)[0]).toBe(0)
        }
      }),
    )
  })
})

/** `[now, cost → wait, remaining, reset]`: what is asked when, and what is answered; what passes is spent. */
type Row = readonly [now: number, cost: number, wait: number, remaining: number, reset: number]

function play(rule: Rule, rows: readonly Row[]): void {
  const state = new Float64Array(200)
  for (const [now, cost, ...says] of rows)
    expect([now, cost, ...ask(rule, state, now, cost)]).toEqual([now, cost, ...says])
}

function ask({ algorithm, terms, capacity }: Rule, state: Float64Array, now: number, cost: number): number[] {
  const wait = algorithm.judge(terms, state, 0, now, cost)
  if (wait === 0 && cost > 0) algorithm.spend(terms, state, 0, now, cost)
  const remaining = Math.max(0, capacity - algorithm.used(terms, state, 0, now))
  return [wait, remaining, algorithm.reset(terms, state, 0, now)]
}
