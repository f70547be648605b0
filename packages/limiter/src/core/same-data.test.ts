import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isSameData } from './same-data.ts'

describe('isSameData', () => {
  const data = fc.jsonValue({ maxDepth: 4 })

  it('says of JSON what isDeepStrictEqual says', () => {
    fc.assert(fc.property(data, data, (a, b) => isSameData(a, b) === isDeepStrictEqual(a, b)))
  })

  it('takes a copy for the same, and a value that is changed anywhere for another', () => {
    fc.assert(
      fc.property(data, fc.nat(), (value, at) => {
        expect(isSameData(value, structuredClone(value))).toBe(true)
        expect(isSameData(value, changed(value, at))).toBe(false)
      }),
    )
  })

  it.each([
    [[], {}],
    [{ a: undefined }, { b: undefined }],
    [{ a: undefined }, {}],
    [new Date(0), new Date(0)],
    [/a/, /a/],
    [new Map(), new Map()],
    [null, {}],
  ])('tells %o from %o', (a, b) => {
    expect(isSameData(a, b)).toBe(false)
    expect(isSameData({ x: [a] }, { x: [b] })).toBe(false)
  })
})

/** The value with one leaf of it, or the whole, replaced. */
function changed(value: unknown, at: number): unknown {
  if (typeof value !== 'object' || value === null) return [value]
  const names = Object.keys(value)
  if (names.length === 0) return { ...value, added: 1 }
  const name = names[at % names.length] as string
  const copy: Record<string, unknown> = Array.isArray(value) ? ([...value] as never) : { ...value }
  // `__proto__` is a name like any other here.
  Object.defineProperty(copy, name, {
    value: changed((value as Record<string, unknown>)[name], at),
    enumerable: true,
  })
  return copy
}
