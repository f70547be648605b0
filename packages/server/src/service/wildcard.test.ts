import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { wildcardTest } from './wildcard.ts'

describe('wildcardTest', () => {
  it('says what a regular expression says', () => {
    const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 8 })
    const text = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 10 })
    fc.assert(
      fc.property(pattern, text, (one, other) => {
        const expression = new RegExp(`^${one.replaceAll('*', '.*')}$`)
        expect(wildcardTest(one)(other)).toBe(expression.test(other))
      }),
      { numRuns: 500 },
    )
  })

  it('does not let the middle reach into the end', () => {
    expect(wildcardTest('a*b*b')('ab')).toBe(false)
    expect(wildcardTest('a*b*b')('abb')).toBe(true)
  })
})
