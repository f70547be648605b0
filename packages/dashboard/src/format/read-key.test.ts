import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { keyText, readKey } from './read-key.ts'

/** As much as the service leaves at least of a key that it cuts. */
const A = 'a'.repeat(64)

describe('a key as the service shows it', () => {
  it.each([
    ['alice', 1, 'alice'],
    ['~~odd', 1, '~odd'],
    ['~5:alice7:1.2.3.4', 2, 'alice · 1.2.3.4'],
    ['~g', 1, 'everybody'],
    ['~i192.0.2.7', 1, 'address 192.0.2.7'],
    ['~h0123456789abcdef', 2, 'hashed key 0123456789ab'],
    ['…96dc117c37ec', 1, 'hidden key 96dc117c37ec'],
    ['~4:acme13:…96dc117c37ec', 2, 'hidden key 96dc117c37ec'],
    ['al…ice', 1, 'al…ice'],
    ['long…96dc117c37ec', 1, 'long…96dc117c37ec'],
    [`${A}…96dc117c37ec`, 1, `${A}… (cut, 96dc117c37ec)`],
    [`${A}…618f9545a763`, 1, `${A}… (cut, 618f9545a763)`],
    [`${A}…`, 1, `${A}… (cut)`],
    [`~3:bob3000:${A}…96dc117c37ec`, 2, `bob · ${A}… (cut, 96dc117c37ec)`],
    [`~3000:${A}…96dc117c37ec`, 2, `${A}… (cut, 96dc117c37ec)`],
    ['alice\u200b', 1, 'alice\\u{200b}'],
    ['~2: x1:y', 2, '\\u{20}x · y'],
  ])('%s of %d attributes is %s', (key, count, text) => {
    expect(keyText(readKey(key, count))).toBe(text)
  })

  it('is cut at any length that the service cuts at, and told by its digits in a list too', () => {
    for (const length of [64, 200]) {
      const text = (mark: string): string => keyText(readKey(`${'a'.repeat(length)}…${mark}`, 1))
      expect(text('618f9545a763')).toMatch(/^a+(…a+)?… \(cut, 618f9545a763\)$/)
      expect(text('618f9545a763')).not.toBe(text('96dc117c37ec'))
    }
  })

  it.each(['~5:al', '~x:alice', 'alice', '~5:alice'])('%s is no key of two attributes', (key) => {
    expect(readKey(key, 2).kind).toBe('partial')
  })

  it('is taken apart into the values that made it', () => {
    const texts = fc.array(
      fc.string({ minLength: 1 }).filter((text) => !text.includes('…')),
      { minLength: 2, maxLength: 5 },
    )
    fc.assert(
      fc.property(texts, (values) => {
        const key = `~${values.map((value) => `${value.length}:${value}`).join('')}`
        expect(readKey(key, values.length)).toEqual({ kind: 'values', values })
      }),
    )
  })
})
