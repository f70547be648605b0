import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { namesIn, substitute } from './substitute.ts'

const variables = new Map([
  ['A', { value: 'a' }],
  ['EMPTY', { value: '' }],
  ['MONEY', { value: '$$ ${A} $A' }],
  ['BAD', { problem: 'cannot be read' }],
])

describe('substitute', () => {
  it.each([
    ['${A}', 'a'],
    ['<${A}${A}>', '<aa>'],
    ['${A:-b}', 'a'],
    ['${NONE:-b}', 'b'],
    ['${NONE:-}', ''],
    ['${NONE:-redis://a:1/0?b=c}', 'redis://a:1/0?b=c'],
    ['${EMPTY}', ''],
    ['${EMPTY:-b}', 'b'],
    ['${A:?must be set}', 'a'],
    ['$${A}', '${A}'],
    ['$$$${A}', '$${A}'],
    ['$$${A}', '$a'],
    ['a$b $ c', 'a$b $ c'],
    ['${MONEY}', '$$ ${A} $A'],
  ])('makes of %s: %s', (text, expected) => {
    expect(substitute(text, variables)).toMatchObject({ text: expected, problems: [] })
  })

  it.each([
    ['${NONE}', 'the variable NONE is unset; set it, or write ${NONE:-default}'],
    ['${NONE:?say where Redis is}', 'the variable NONE is unset: say where Redis is'],
    ['${EMPTY:?}', 'the variable EMPTY is unset; set it'],
    ['${BAD}', 'cannot be read'],
    ['${BAD:-b}', 'cannot be read'],
    ['${}', '"${}" is not a variable'],
    ['${A', '"${A" is not a variable'],
    ['${a-b}', '"${a-b}" is not a variable'],
    ['${A:+b}', '"${A:+b}" is not a variable'],
    ['${NONE:-${A}}', 'is not a variable; write ${NAME}, ${NAME:-default} or ${NAME:?message}'],
  ])('says of %s what is wrong with it', (text, problem) => {
    expect(substitute(text, variables).problems).toEqual([expect.stringContaining(problem)])
  })

  it('knows whose values it took, and whether the text was one variable', () => {
    const pick = (text: string) => {
      const { used, isWhole } = substitute(text, variables)
      return [Object.fromEntries(used), isWhole]
    }
    expect(pick('${A}')).toEqual([{ A: 'a' }, true])
    expect(pick('${NONE:-1}')).toEqual([{}, true])
    expect(pick('${A}${EMPTY}')).toEqual([{ A: 'a', EMPTY: '' }, false])
  })

  it('takes every value as it is', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (value, around) => {
        const text = around.replaceAll('$', '$$$$')
        const { text: replaced } = substitute(`${text}\${X}${text}`, new Map([['X', { value }]]))
        expect(replaced).toBe(around + value + around)
      }),
    )
  })

  it('has all names that it asks for among those that are read ahead', () => {
    const piece = fc.constantFrom('$', '{', '}', 'A', 'B1', ':-', ':?', ' ', '${A}', '$$')
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const text = pieces.join('')
        const asked = new Set<string>()
        const spy = { get: (name: string) => void asked.add(name) } as unknown as Map<string, never>
        substitute(text, spy)
        const ahead = namesIn(text)
        expect([...asked].filter((name) => !ahead.has(name))).toEqual([])
      }),
    )
  })
})
