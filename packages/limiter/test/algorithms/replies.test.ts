/** What the caller makes of a script's reply: the same numbers that memory answers. */
import { describe, expect, it } from 'vitest'
import { VERDICT_SIZE } from '../../src/core/algorithm.ts'
import { defineAlgorithm } from '../../src/core/algorithms/custom.ts'
import { compileRule, type Rule, type RuleOptions } from '../../src/core/rule.ts'

const NOW = 1_767_225_600_000_000
const custom = defineAlgorithm({
  name: 'counter',
  words: 1,
  step: ({ state: [used = 0], cost }) => ({
    state: [used + cost],
    wait: 0,
    remaining: 5 - used - cost,
    reset: 1,
  }),
})

function verdictOf(options: RuleOptions, reply: readonly number[], cost = 1): number[] {
  const { algorithm, terms } = compileRule(options, 'rule', { algorithms: new Map([[custom.kind, custom]]) })
  expect(reply).toHaveLength(algorithm.replySize)
  const numbers = new Array<number>(VERDICT_SIZE).fill(0)
  // What stands before it is somebody else's.
  algorithm.readReply(terms, { numbers: [7, ...reply], at: 1, now: NOW, cost }, numbers, 0)
  return numbers
}

describe('the reply on a bucket', () => {
  const bucket: RuleOptions = { algorithm: 'token-bucket', limit: '10/s' }

  it('is what is used, when that was so, incarnation and what was given back', () => {
    expect(verdictOf(bucket, [300_000, NOW, 42, 100_000])).toEqual([
      0,
      7,
      300_000,
      42,
      100_000,
      0,
      300_000,
      NOW,
    ])
  })

  it('is negative where it was denied, and the wait follows', () => {
    expect(verdictOf(bucket, [-1 - 950_000, NOW, 42, 0])).toEqual([
      50_000,
      0,
      950_000,
      42,
      0,
      0,
      950_000,
      NOW,
    ])
    expect(verdictOf(bucket, [-1, NOW, 0, 0], 11)[0]).toBe(-1)
  })
})

describe('the reply on a fixed window', () => {
  const rule: RuleOptions = { algorithm: 'fixed-window', limit: '5/s' }

  it('is what is used, the end, incarnation, and what was given back and credited', () => {
    expect(verdictOf(rule, [3, NOW + 400_000, 42, 2, 1])).toEqual([0, 2, 400_000, 42, 2, 1, 3, 0])
    expect(verdictOf(rule, [0, 0, 0, 0, 0])).toEqual([0, 5, 0, 0, 0, 0, 0, 0])
  })

  it('is negative where it was denied: until the end, or for ever', () => {
    expect(verdictOf(rule, [-1 - 5, NOW + 400_000, 42, 0, 0]).slice(0, 3)).toEqual([400_000, 0, 400_000])
    expect(verdictOf(rule, [-1 - 5, NOW + 400_000, 42, 0, 0], 6)[0]).toBe(-1)
  })
})

describe('the reply on a sliding window', () => {
  const rule: RuleOptions = { limit: '5/s' }

  it('is all units, the newest entry, incarnation, and what was given back and credited', () => {
    expect(verdictOf(rule, [3, NOW, 2, 42, 4, 1])).toEqual([0, 2, 1_000_000, 42, 4, 1, 2, NOW])
    expect(verdictOf(rule, [0, 0, 0, 0, 0, 0]).slice(0, 3)).toEqual([0, 5, 0])
  })

  it('has the wait in place of the newest units where it was denied', () => {
    expect(verdictOf(rule, [-1 - 5, NOW, 300_000, 42, 0, 0]).slice(0, 3)).toEqual([300_000, 0, 1_000_000])
  })
})

describe('the reply on a custom algorithm', () => {
  it('is its wait, what remains, when it recovers, and the incarnation', () => {
    const rule: RuleOptions = { algorithm: 'counter', limit: '5/s' }
    expect(verdictOf(rule, [0, 3, NOW + 9, 42])).toEqual([0, 3, 9, 42, 0, 0, 0, 0])
    expect(verdictOf(rule, [7, -1, 0, 0]).slice(0, 3)).toEqual([7, 0, 0])
  })
})

describe('a custom algorithm', () => {
  const { algorithm, terms } = compileRule({ algorithm: 'counter', limit: '5/s' }, 'rule', {
    algorithms: new Map([[custom.kind, custom]]),
  }) as Rule

  it('gives nothing back, since only it knows what that means', () => {
    const state = new Float64Array(algorithm.stateSize(terms))
    algorithm.advance(terms, state, 0, NOW)
    algorithm.spend(terms, state, 0, NOW, 2, 42)
    expect(algorithm.credit(terms, state, 0, NOW, 1)).toBe(0)
    expect(algorithm.spentAt(state, 0)).toBe(NOW)
    expect(algorithm.used(terms, state, 0, NOW)).toBe(2)
  })

  it('is asked again for more, but for more than it ever has', () => {
    const verdict = { wait: 1, remaining: 2, reset: 1 }
    expect(algorithm.waitForMore(terms, verdict, 3, 2)).toBeNull()
    expect(algorithm.waitForMore(terms, verdict, 6, 2)).toBe(-1)
    expect(
      algorithm.worstCase(terms, { limit: 5, capacity: 5, windowMs: 1000, leaseMs: 0, overdraw: false }),
    ).toContain('counter')
  })
})
