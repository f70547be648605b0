import fc from 'fast-check'
import type { Decision, RuleView } from 'headgate'
import { expect, it } from 'vitest'
import { ANY_CHARACTER } from '../../../../limiter/test/any-character.ts'
import { decisionText, isUsual } from './decision-text.ts'

const text = fc.string({ unit: ANY_CHARACTER, maxLength: 8 })
const number = fc.oneof(fc.maxSafeInteger(), fc.double(), fc.constant(-0))

const rates = fc.constantFrom<RuleView['rate']>(
  Object.freeze({ limit: 10, windowMs: 1000 }),
  Object.freeze({ limit: 20, windowMs: 0.5 }),
  { limit: 1, windowMs: 2 },
)

const view: fc.Arbitrary<RuleView> = fc.record({
  policy: text,
  rule: fc.constantFrom('1m', '"'),
  limit: number,
  rate: rates,
  remaining: number,
  retryAfterMs: fc.option(number),
  resetAfterMs: number,
})

const decision: fc.Arbitrary<Decision> = fc.record({
  allowed: fc.boolean(),
  reason: fc.constantFrom('within-limit', 'limit-exceeded'),
  source: fc.constantFrom('store', 'none'),
  policy: fc.option(text),
  rule: fc.option(text),
  limit: fc.option(number),
  remaining: fc.option(number),
  cost: number,
  retryAfterMs: fc.option(number),
  resetAfterMs: fc.option(number),
  rules: fc.array(view, { maxLength: 3 }),
  shadow: fc.array(
    view.map((one) => ({ ...one, allowed: false })),
    { maxLength: 1 },
  ),
  receipt: fc.constant(null),
}) as fc.Arbitrary<Decision>

it('writes what JSON.stringify does', () => {
  fc.assert(
    fc.property(decision, fc.constantFrom(null, 'r1.a-b_.c'), fc.option(text), (given, receipt, id) => {
      expect(isUsual(given)).toBe(true)
      const expected = JSON.stringify({ ...given, receipt, ...(id !== null && { id }) })
      expect(decisionText(given, receipt, id)).toBe(expected)
    }),
    { numRuns: 300 },
  )
})

it('leaves a decision alone that has more to say', () => {
  const [given] = fc.sample(decision, 1) as [Decision]
  expect(isUsual(Object.assign({ ...given }, { credited: 1 }))).toBe(false)
  const [more] = fc.sample(view, 1) as [RuleView]
  expect(isUsual({ ...given, rules: [Object.assign({ ...more }, { extra: 1 })] })).toBe(false)
})
