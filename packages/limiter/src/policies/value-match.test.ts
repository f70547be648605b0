import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { accepts, compileValues } from './value-match.ts'

describe('values with stars', () => {
  it('accept what a regular expression would', () => {
    const seen = { accepted: 0, refused: 0 }
    const letters = fc.array(fc.constantFrom('a', 'b', '*'), { minLength: 1, maxLength: 7 })
    const text = fc.array(fc.constantFrom('a', 'b'), { maxLength: 9 })
    fc.assert(
      fc.property(letters, text, (pattern, value) => {
        const expected = new RegExp(`^${pattern.join('').replaceAll('*', '.*')}$`).test(value.join(''))
        seen[expected ? 'accepted' : 'refused']++
        expect(accepts(compileValues(pattern.join(''), 'match.x'), value.join(''))).toBe(expected)
      }),
      { numRuns: 3000 },
    )
    expect(Math.min(seen.accepted, seen.refused)).toBeGreaterThan(300)
  })

  it('are compared in one pass for each piece, however they are made', () => {
    const values = compileValues(`${'a*'.repeat(200)}b`, 'match.x')
    expect(accepts(values, 'a'.repeat(100_000))).toBe(false)
  })

  it('leave the others to be looked up', () => {
    const { exact, globs } = compileValues(['a', 7, 'b*'], 'match.x')
    expect([[...exact], globs]).toEqual([['a', '7'], [['b', '']]])
  })
})
