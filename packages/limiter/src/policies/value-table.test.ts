import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RequestAttributes } from './request-attributes.ts'
import { ValueTable } from './value-table.ts'

const fits = (pattern: string, x: string): boolean => {
  const table = new ValueTable<true>('x')
  table.add(pattern, true)
  return table.find(new RequestAttributes({ x })).length > 0
}

describe('values with stars', () => {
  it('accept what a regular expression would', () => {
    const seen = { accepted: 0, refused: 0 }
    const letters = fc.array(fc.constantFrom('a', 'b', '*'), { minLength: 1, maxLength: 7 })
    // An empty attribute is an absent one.
    const text = fc.array(fc.constantFrom('a', 'b'), { minLength: 1, maxLength: 9 })
    fc.assert(
      fc.property(letters, text, (pattern, value) => {
        const expected = new RegExp(`^${pattern.join('').replaceAll('*', '.*')}$`).test(value.join(''))
        seen[expected ? 'accepted' : 'refused']++
        expect(fits(pattern.join(''), value.join(''))).toBe(expected)
      }),
      { numRuns: 3000 },
    )
    expect(Math.min(seen.accepted, seen.refused)).toBeGreaterThan(300)
  })

  it('are compared in one pass for each piece, however they are made', () => {
    expect(fits(`${'a*'.repeat(200)}b`, 'a'.repeat(100_000))).toBe(false)
  })
})
