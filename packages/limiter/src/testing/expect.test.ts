import { describe, expect, it } from 'vitest'
import type { Allowed, Denied } from '../core/decision.ts'
import { expectAllowed, expectLimited } from './expect.ts'

const shared = { source: 'store', cost: 1, rules: [], shadow: [], policy: 'p', rule: 'r', limit: 2 } as const
const allowed: Allowed = {
  ...shared,
  allowed: true,
  reason: 'within-limit',
  remaining: 1,
  retryAfterMs: 0,
  resetAfterMs: 500,
  receipt: null,
}
const denied: Denied = {
  ...shared,
  allowed: false,
  reason: 'limited',
  remaining: 0,
  retryAfterMs: 30_000,
  resetAfterMs: 60_000,
  receipt: null,
}

describe('expectAllowed', () => {
  it('accepts an allowed decision whose named fields are as given', () => {
    expectAllowed(allowed)
    expectAllowed(allowed, { remaining: 1, rule: 'r' })
  })

  it('throws on a denial and on another value, and says what was decided', () => {
    expect(() => expectAllowed(denied)).toThrow(/denied: limited, rule r, remaining 0, retry after 30000 ms/)
    expect(() => expectAllowed(allowed, { remaining: 2 })).toThrow(/allowed: within-limit/)
  })
})

describe('expectLimited', () => {
  it('accepts a denial whose named fields are as given', () => {
    expectLimited(denied)
    expectLimited(denied, { retryAfterMs: 30_000, reason: 'limited' })
  })

  it('throws on an allowed decision and on another value', () => {
    expect(() => expectLimited(allowed)).toThrow(/allowed: within-limit/)
    expect(() => expectLimited(denied, { retryAfterMs: null })).toThrow(/retry after 30000 ms/)
  })
})

describe.each([
  ['expectAllowed', expectAllowed as (decision: unknown) => void, allowed],
  ['expectLimited', expectLimited as (decision: unknown) => void, denied],
])('%s', (_, check, decision) => {
  it('refuses a promise of a decision, and what is none', () => {
    expect(() => check(Promise.resolve(decision))).toThrow('decision: is a promise; await it first')
    expect(() => check({ status: 429 })).toThrow('decision: an object is not a decision')
    expect(() => check(undefined)).toThrow('decision: undefined is not a decision')
  })
})
