import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compileGlobs } from './glob.ts'

const text = fc.string({ unit: fc.constantFrom('a', 'b', '-', '.'), maxLength: 8 })
const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '-', '.', '*'), maxLength: 8 })

/** The same by a regular expression. */
function model(glob: string): RegExp {
  const source = glob.replaceAll('.', '\\.').replaceAll('*', '.*')
  return new RegExp(`^${source}$`)
}

describe('patterns of names', () => {
  it('property: are those of a regular expression in which * is any text', () => {
    fc.assert(
      fc.property(pattern, text, (glob, name) => compileGlobs([glob])(name) === model(glob).test(name)),
    )
  })

  it('fit where one of several does', () => {
    const fits = compileGlobs(['shop', 'shop-*'])
    expect(['shop', 'shop-eu', 'shops', ''].map(fits)).toEqual([true, true, false, false])
  })
})
